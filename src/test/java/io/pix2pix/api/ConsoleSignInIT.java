package io.pix2pix.api;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.pix2pix.testing.Chromium;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.WorkerProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The console of a coordinator that asks for keys. */
@Timeout(180)
class ConsoleSignInIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final String VIEWER = "viewer-key-0NbFhLZIvNCRkGwZ";
    private static final String OPERATOR = "operator-key-lDx+Yh4fvcwb3OXA";

    @Test
    void aKeyOpensItAndAViewerOnlyLooks() throws Exception {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        String keys =
                KeyEntry.of("eye", "viewer", VIEWER)
                        + ","
                        + KeyEntry.of("ops", "operator", OPERATOR);
        try (Chromium chromium = Chromium.start();
                WorkerProcess worker =
                        WorkerProcess.start(
                                        STACK,
                                        Map.of(
                                                "pix2pix.kafka.prefix",
                                                STACK.name("signin") + ".",
                                                "pix2pix.roles",
                                                "coordinator",
                                                "pix2pix.api.keys",
                                                keys,
                                                "quarkus.http.port",
                                                "0"))
                                .ready()) {
            BrowserContext browser = chromium.open(worker.http(), 1000, 700, ColorScheme.LIGHT);
            Page page = browser.newPage();
            page.navigate("/#/jobs/none");
            assertThat(heading(page)).hasText("Sign in");
            assertThat(new AxeBuilder(page).setLegacyMode(true).analyze().getViolations())
                    .isEmpty();

            signIn(page, "a wrong key");
            assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
            signIn(page, VIEWER);
            assertThat(heading(page)).hasText("Not found");
            assertThat(page.locator("#who")).containsText("eye, viewer");
            assertThat(page.getByRole(AriaRole.LINK, named("Train"))).isHidden();
            Response stream = page.waitForResponse("**/api/v1/events", () -> page.navigate("/"));
            assertThat(stream.status()).isEqualTo(200);
            assertThat(heading(page)).hasText("Jobs");
            assertThat(page.locator("#connection")).isEmpty();

            page.getByText("Sign out").click();
            assertThat(heading(page)).hasText("Sign in");
            signIn(page, OPERATOR);
            assertThat(heading(page)).hasText("Jobs");
            assertThat(page.locator("#who")).containsText("ops, operator");
            assertThat(page.getByRole(AriaRole.LINK, named("Train").setExact(true))).isVisible();
            assertThat((String) page.evaluate("document.cookie + JSON.stringify(sessionStorage)"))
                    .doesNotContain(OPERATOR);

            // The key was taken away while the page is open and its stream ends.
            page.route("**/api/v1/events", route -> route.abort());
            page.reload();
            assertThat(page.locator("#connection")).hasText("Reconnecting…");
            assertThat(heading(page)).hasText("Jobs");
            browser.clearCookies();
            assertThat(heading(page)).hasText("Sign in");
            assertThat(chromium.faults()).isEmpty();
        }
    }

    private static void signIn(Page page, String key) {
        page.getByLabel("API key or token").fill(key);
        page.getByRole(AriaRole.BUTTON, named("Sign in")).click();
    }

    private static com.microsoft.playwright.Locator heading(Page page) {
        return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1));
    }

    private static Page.GetByRoleOptions named(String name) {
        return new Page.GetByRoleOptions().setName(name);
    }
}
