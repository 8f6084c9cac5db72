package io.pix2pix.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Chromium of this machine, without a window. Notes what its pages find wrong: scripts that
 * fail, and whatever the content security policy refuses.
 */
public final class Chromium implements AutoCloseable {
    private static final Path EXECUTABLE = Path.of("/usr/bin/chromium");

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> faults = new ArrayList<>();

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /**
     * Starts it. Where none is installed the tests that ask are skipped; with {@code CI} set they
     * fail.
     */
    public static Chromium start() {
        boolean isInstalled = Files.isExecutable(EXECUTABLE);
        if (System.getenv("CI") != null) {
            assertThat(isInstalled).describedAs("%s is installed", EXECUTABLE).isTrue();
        }
        assumeTrue(
                isInstalled,
                "Skipped: the console's tests need " + EXECUTABLE + " (apt-get install chromium)");
        Playwright playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(EXECUTABLE)
                                        .setHeadless(true)
                                        .setArgs(
                                                List.of(
                                                        "--no-sandbox",
                                                        "--disable-gpu",
                                                        "--disable-quic",
                                                        "--no-first-run",
                                                        "--disable-background-networking",
                                                        "--disable-component-update",
                                                        "--disable-sync")));
        return new Chromium(playwright, browser);
    }

    /** A browser without a past. */
    public BrowserContext open(URI base, int width, int height, ColorScheme scheme) {
        BrowserContext context =
                browser.newContext(
                        new Browser.NewContextOptions()
                                .setBaseURL(base.toString())
                                .setViewportSize(width, height)
                                .setColorScheme(scheme)
                                .setPermissions(List.of("clipboard-read", "clipboard-write")));
        context.setDefaultTimeout(60_000);
        context.onWebError(error -> faults.add(error.error()));
        context.onConsoleMessage(
                message -> {
                    // Answers such as 422 are errors to a browser, not to the page.
                    boolean isAnswer = message.text().startsWith("Failed to load resource");
                    if (message.type().equals("error") && !isAnswer) {
                        faults.add(message.text());
                    }
                });
        return context;
    }

    /** What went wrong in its pages so far. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
