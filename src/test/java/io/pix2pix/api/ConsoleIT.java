package io.pix2pix.api;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.CheckedNode;
import com.deque.html.axecore.results.Rule;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.RequestOptions;
import io.pix2pix.demo.Facades;
import io.pix2pix.event.Json;
import io.pix2pix.image.Encoder;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.Chromium;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.WorkerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The console in a real browser, before a real worker: each test goes on where the one before
 * ended, as a user would. Leaves pictures of the pages in {@code target/screenshots}.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final int SIZE = 64;
    private static final int EPOCHS = 12;
    private static final int IMAGES = 15;

    private static S3Uri base;
    private static Chromium chromium;
    private static WorkerProcess worker;
    private static BrowserContext browser;
    private static Page page;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        base = STACK.prefix();
        for (int i = 0; i < 8; i++) {
            put("train/%d.png".formatted(i), pair(i));
        }
        for (int i = 0; i < IMAGES - 1; i++) {
            put("val/house-%02d.png".formatted(i), pair(100 + i));
        }
        put("val/house-99-torn.png", "this is no image".getBytes(UTF_8));
        put("held-out/0.png", pair(200));
        put("held-out/1.png", pair(201));
        worker =
                WorkerProcess.start(
                        STACK,
                        Map.of(
                                "pix2pix.kafka.prefix",
                                STACK.name("console") + ".",
                                "quarkus.http.port",
                                "0"));
        worker.ready();
        browser = chromium.open(worker.http(), 1200, 800, ColorScheme.LIGHT);
        page = browser.newPage();
        page.bringToFront();
    }

    @AfterAll
    static void stop() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        if (worker != null) {
            worker.close();
        }
    }

    /** Nothing that the content security policy refuses, no script that fails. */
    @AfterEach
    void thePagesHadNoFaults() {
        assertThat(chromium.faults()).isEmpty();
    }

    @Test
    @Order(1)
    void withoutJobsThePageSaysHowToBegin() {
        Response answer = page.navigate("/");
        assertThat(answer.headerValue("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.getByText("No jobs yet: submit one, or run the demo.")).isVisible();
        assertThat(page.locator("body[data-role=OPERATOR]")).isVisible();
        assertThat(page.locator("#who")).isEmpty();
        page.getByRole(AriaRole.BUTTON, named("Copy: scripts/pix2pix demo")).click();
        assertThat(page.evaluate("navigator.clipboard.readText()"))
                .isEqualTo("scripts/pix2pix demo");
        screenshot("empty");
    }

    @Test
    @Order(2)
    void aTrainingIsSubmittedByTheFormAndFollowedToItsEnd() {
        page.getByRole(AriaRole.LINK, named("Train a model")).click();
        assertThat(page.locator("[name='training.loadSize']")).hasValue("286");
        page.locator("[name=jobId]").fill("not a name");
        page.getByRole(AriaRole.BUTTON, named("Train").setExact(true)).click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("3 fields are missing or wrong");
        assertThat(page.locator("[name=jobId]")).isFocused();
        assertThat(page.locator("[aria-invalid=true]")).hasCount(3);
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("output.uri is missing");

        fill("jobId", "houses");
        fill("dataset.uri", base.resolve("train/").toString());
        page.locator("[name='dataset.direction']").selectOption("AtoB");
        fill("output.uri", base.resolve("houses/").toString());
        fill("generator.network", "unet_64");
        fill("generator.filters", "16");
        fill("discriminator.filters", "8");
        fill("discriminator.layers", "2");
        fill("training.epochs", String.valueOf(EPOCHS));
        fill("training.decayEpochs", "0");
        fill("training.loadSize", "70");
        fill("training.cropSize", String.valueOf(SIZE));
        fill("checkpoint.everyEpochs", "4");
        fill("validation.uri", base.resolve("held-out/").toString());
        fill("validation.everyEpochs", "2");
        fill("validation.samples", "2");
        assertThat(page.locator("[aria-invalid=true]")).hasCount(0);
        screenshot("form");
        page.getByRole(AriaRole.BUTTON, named("Train").setExact(true)).click();

        assertThat(page).hasURL(Pattern.compile(".*#/jobs/houses.*"));
        assertThat(heading()).hasText("houses");
        assertThat(heading()).isFocused();
        assertThat(fact("Epoch")).hasText(Pattern.compile("[1-9]\\d* of " + EPOCHS));
        assertThat(state()).hasText("Succeeded");
        assertThat(fact("Epoch")).hasText("%d of %d".formatted(EPOCHS, EPOCHS));
        Locator curves = page.locator(".chart:visible canvas");
        assertThat(curves).hasCount(5);
        assertThat(
                        (boolean)
                                page.evaluate(
                                        "[...document.querySelectorAll('.chart canvas')].every(c => {"
                                                + " const [inner, outer] = [c, c.closest('.chart')]"
                                                + ".map(e => e.getBoundingClientRect());"
                                                + " return inner.top >= outer.top && inner.bottom <= outer.bottom; })"))
                .describedAs("every curve lies within its frame")
                .isTrue();
        assertThat(page.getByRole(AriaRole.IMG, named(Pattern.compile("^Validation: SSIM"))))
                .isVisible();
    }

    @Test
    @Order(3)
    void sampleSheetsAreTurnedEpochByEpochAndACheckpointTranslates() {
        Locator slider = page.getByRole(AriaRole.SLIDER, named("Epoch of the sample sheet"));
        Locator sheet = page.locator("img.sheet");
        assertThat(slider).hasAttribute("aria-valuetext", "Epoch " + EPOCHS);
        isLoaded(sheet);
        slider.focus();
        page.keyboard().press("ArrowLeft");
        assertThat(slider).hasAttribute("aria-valuetext", "Epoch " + (EPOCHS - 2));
        assertThat(sheet).hasAttribute("src", Pattern.compile(".*/samples/10\\?.*"));
        isLoaded(sheet);
        screenshot("training");

        Locator checkpoints = page.getByRole(AriaRole.REGION, named("Models")).locator("tbody tr");
        assertThat(checkpoints.first()).containsText("houses");
        assertThat(checkpoints.locator(".badge")).hasCount(1);
        checkpoints.first().getByText("Translate with this").click();
        assertThat(heading()).hasText("Translate images");
        assertThat(page.locator("[name='model.uri']"))
                .hasValue(Pattern.compile("s3://.*/houses/checkpoints/.*/generator\\.pt"));
    }

    @Test
    @Order(4)
    void aTranslationShowsItsImagesBeforeAndAfterAndWhatFailed() {
        fill("jobId", "facades");
        fill("input.uri", base.resolve("val/").toString());
        fill("output.uri", base.resolve("facades/").toString());
        page.locator("[name='input.side']").selectOption("left");
        fill("size.width", String.valueOf(SIZE));
        fill("size.height", String.valueOf(SIZE));
        fill("shardSize", "4");
        page.getByText("The same from the command line").click();
        assertThat(page.locator(".command").first())
                .containsText("--side left --size 64x64 --shard-size 4");
        page.getByRole(AriaRole.BUTTON, named("Translate").setExact(true)).click();

        assertThat(heading()).hasText("facades");
        assertThat(state()).hasText("Done, some failed");
        assertThat(fact("Done")).hasText("%d of %d images".formatted(IMAGES, IMAGES));
        Locator divider = page.getByRole(AriaRole.SLIDER, named("Divider"));
        isLoaded(page.getByAltText("house-00.png before"));
        isLoaded(page.getByAltText("house-00.png after"));
        divider.focus();
        for (int i = 0; i < 10; i++) {
            page.keyboard().press("ArrowLeft");
        }
        assertThat(divider).hasAttribute("aria-valuetext", "40 percent before, 60 percent after");
        assertThat(page.getByAltText("house-00.png after"))
                .hasCSS("clip-path", "inset(0px 0px 0px 40%)");
        page.keyboard().press("n");
        assertThat(page.locator(".viewer .caption")).containsText("house-01.png, translated");
        isLoaded(page.getByAltText("house-01.png after"));
        screenshot("translation");

        Locator failure = page.getByRole(AriaRole.LIST, named("Failures"));
        assertThat(failure.getByRole(AriaRole.LISTITEM)).hasCount(1);
        assertThat(failure).containsText("NOT_AN_IMAGE at decode");
        page.getByRole(AriaRole.BUTTON, named("Show house-99-torn.png")).click();
        assertThat(page.locator(".viewer .caption"))
                .hasText("house-99-torn.png, failed · 15 of 15");
        assertThat(page.locator(".stage .bad")).containsText("house-99-torn.png");
        page.reload();
        assertThat(page.locator(".viewer .caption"))
                .hasText("house-99-torn.png, failed · 15 of 15");
    }

    @Test
    @Order(5)
    void aJobIsPausedResumedAndCancelledWhileTheListFollows() {
        page.navigate("/#/jobs/houses");
        page.getByRole(AriaRole.LINK, named("New like this")).click();
        assertThat(page.locator("[name='generator.network']")).hasValue("unet_64");
        fill("jobId", "houses-long");
        fill("output.uri", base.resolve("houses-long/").toString());
        fill("training.epochs", "5000");
        page.getByRole(AriaRole.BUTTON, named("Train").setExact(true)).click();
        assertThat(heading()).hasText("houses-long");

        Page list = browser.newPage();
        list.navigate("/");
        Locator row = list.locator(".jobs li").first();
        assertThat(list.locator(".jobs li")).hasCount(3);
        assertThat(row).containsText("houses-long");
        assertThat(row).containsText("steps/s");
        assertThat(row).containsText("left");
        String before = row.locator(".count").textContent();
        await().until(() -> !row.locator(".count").textContent().equals(before));
        list.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("jobs.png")));

        page.getByRole(AriaRole.BUTTON, named("Pause")).click();
        assertThat(state()).hasText("Paused");
        assertThat(row.locator(".state")).hasText("Paused");
        Locator resume = page.getByRole(AriaRole.BUTTON, named("Resume"));
        assertThat(resume).isFocused();
        page.keyboard().press("Enter");
        assertThat(state()).hasText("Running");
        assertThat(row.locator(".state")).hasText("Running");

        page.getByRole(AriaRole.BUTTON, named("Cancel")).click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Cancel houses-long?");
        page.keyboard().press("Escape");
        assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
        assertThat(state()).hasText("Running");
        page.getByRole(AriaRole.BUTTON, named("Cancel")).click();
        page.getByRole(AriaRole.BUTTON, named("Cancel the job")).click();
        assertThat(state()).hasText("Cancelled");
        assertThat(row.locator(".state")).hasText("Cancelled");
        assertThat(page.getByRole(AriaRole.BUTTON, named("Pause"))).isHidden();
        list.close();
    }

    /** It still writes its report, and so is cancelling for a while before it is cancelled. */
    @Test
    @Order(6)
    void aTranslationThatIsCancelledIsFollowedToItsEnd() {
        submit(
                "translation",
                """
                {"jobId": "standing", "model": {"uri": "%s"},
                 "input": {"uri": "%s", "follow": true}, "output": {"uri": "%s"}}
                """
                        .formatted(
                                base.resolve("houses/generator.pt"),
                                base.resolve("arrivals/"),
                                base.resolve("standing/")));
        page.navigate("/#/jobs/standing?new");
        assertThat(state()).hasText("Running");
        // Each state that is shown or said from now on.
        page.evaluate(
                "() => { window.said = [];"
                        + " const note = () => window.said.push("
                        + "document.querySelector('.head .state')?.textContent ?? '',"
                        + " document.getElementById('announcements').textContent);"
                        + " new MutationObserver(note).observe(document.body,"
                        + " {subtree: true, childList: true, characterData: true}); }");
        page.getByRole(AriaRole.BUTTON, named("Cancel")).click();
        page.getByRole(AriaRole.BUTTON, named("Cancel the job")).click();
        assertThat(state()).hasText("Cancelled");
        assertThat(words("window.said"))
                .contains("Cancelled")
                .noneMatch(said -> said.contains("undefined"));
        assertThat(words("import('/console/format.js').then(f => Object.keys(f.STATES))"))
                .as("every state of a job has a name")
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(JobView.State.values()).map(Enum::name).toList());
        assertThat(words("import('/console/format.js').then(f => f.UNFINISHED)"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(JobView.State.values())
                                .filter(state -> !state.isTerminal())
                                .map(Enum::name)
                                .toList());
    }

    @Test
    @Order(7)
    void jobsAreFoundByWordsAndStates() {
        page.navigate("/#/");
        assertThat(page.locator(".jobs li")).hasCount(4);
        page.getByRole(AriaRole.SEARCHBOX).fill("facades");
        assertThat(page.locator(".jobs li")).hasCount(1);
        assertThat(page).hasURL(Pattern.compile(".*text=facades"));
        page.reload();
        assertThat(page.locator(".jobs .name")).hasText("facades");
        page.getByLabel("State").selectOption("Cancelled");
        assertThat(page.getByText("No job matches.")).isVisible();
    }

    @Test
    @Order(8)
    void aBrokenStreamIsOpenedAgainAndWhatWasMissedIsSeen() {
        Page other = browser.newPage();
        other.route("**/api/v1/events", route -> route.abort());
        other.navigate("/");
        assertThat(other.locator("#connection")).hasText("Reconnecting…");
        assertThat(other.locator(".jobs li")).hasCount(4);
        submit(
                "translation",
                """
                {"jobId": "missed", "model": {"uri": "%s"}, "input": {"uri": "%s"},
                 "output": {"uri": "%s"}}
                """
                        .formatted(
                                base.resolve("no-such-model.pt"),
                                base.resolve("nothing/"),
                                base.resolve("missed/")));
        // No event will tell of it any more.
        await().atMost(Duration.ofMinutes(1))
                .until(
                        () -> page.request().get("/api/v1/jobs/missed").text(),
                        job -> job.contains("finishedAt"));
        assertThat(other.locator(".jobs li")).hasCount(4);
        other.unroute("**/api/v1/events");
        assertThat(other.locator(".jobs li")).hasCount(5);
        assertThat(other.locator(".jobs .name").first()).hasText("missed");
        assertThat(other.locator("#connection")).isEmpty();
        other.close();
    }

    @Test
    @Order(9)
    void aLongListIsOnePageInTheDocument() {
        AtomicBoolean broken = new AtomicBoolean();
        Page other = browser.newPage();
        other.route(
                Pattern.compile(".*/api/v1/jobs\\?.*"),
                route -> {
                    if (broken.get()) {
                        route.abort();
                        return;
                    }
                    boolean second = route.request().url().contains("cursor=");
                    StringBuilder jobs = new StringBuilder();
                    for (int i = 0; i < 50; i++) {
                        jobs.append(i == 0 ? "" : ",").append(manyJobs(second ? 50 + i : i));
                    }
                    route.fulfill(
                            new Route.FulfillOptions()
                                    .setContentType("application/json")
                                    .setBody(
                                            "{\"jobs\": [%s], \"total\": 10000, \"next\": \"x\"}"
                                                    .formatted(jobs)));
                });
        other.navigate("/");
        assertThat(other.locator(".jobs li")).hasCount(50);
        assertThat(other.locator(".pager")).containsText("1–50 of 10,000");
        Locator next = other.getByRole(AriaRole.BUTTON, named("Next"));
        next.evaluate("button => { button.click(); button.click(); }");
        assertThat(other.locator(".pager")).containsText("51–100 of 10,000");
        assertThat(other.locator(".jobs .name").first()).hasText("job-50");
        assertThat((int) other.evaluate("document.querySelectorAll('*').length")).isLessThan(700);
        broken.set(true);
        next.click();
        assertThat(other.locator(".pager")).containsText("The coordinator cannot be reached");
        broken.set(false);
        next.click();
        assertThat(other.locator(".pager")).containsText("101–150 of 10,000");
        other.close();
    }

    /** What happens meanwhile may be here before what is asked for. */
    @Test
    @Order(10)
    void epochsAreShownInTheirOrderHoweverTheyCame() {
        Page other = browser.newPage();
        other.route(
                "**/api/v1/jobs/houses/epochs",
                route -> {
                    APIResponse answer = route.fetch();
                    ObjectNode body = Json.read(answer.body(), ObjectNode.class);
                    List<JsonNode> epochs = new ArrayList<>();
                    body.path("epochs").forEach(epochs::add);
                    Collections.reverse(epochs);
                    body.putArray("epochs").addAll(epochs);
                    route.fulfill(
                            new Route.FulfillOptions()
                                    .setResponse(answer)
                                    .setBody(body.toString()));
                });
        other.navigate("/#/jobs/houses");
        other.getByText("The same as a table").click();
        Locator rows = other.getByRole(AriaRole.REGION, named("Epochs")).locator("tbody tr");
        assertThat(rows).hasCount(EPOCHS);
        assertThat(rows.first().locator("th")).hasText(String.valueOf(EPOCHS));
        assertThat(rows.last().locator("th")).hasText("1");
        other.close();
    }

    @Test
    @Order(11)
    void everyPageIsAccessibleLightAndDarkAndFitsAPhone() {
        List<String> pages =
                List.of(
                        "#/",
                        "#/jobs/facades",
                        "#/jobs/facades?image=14",
                        "#/jobs/houses",
                        "#/new/translation",
                        "#/new/training",
                        "#/models",
                        "#/jobs/none");
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            BrowserContext context = chromium.open(worker.http(), 1200, 800, scheme);
            Page each = context.newPage();
            for (String path : pages) {
                each.setViewportSize(1200, 800);
                each.navigate("/" + path);
                each.waitForLoadState(com.microsoft.playwright.options.LoadState.LOAD);
                assertThat(each.getByRole(AriaRole.HEADING).first()).isVisible();
                if (path.contains("facades")) {
                    assertThat(each.locator(".strip button")).not().hasCount(0);
                } else if (path.contains("houses")) {
                    assertThat(each.locator(".chart:visible")).hasCount(5);
                    assertThat(each.locator("img.sheet")).isVisible();
                }
                List<Rule> violations =
                        new AxeBuilder(each).setLegacyMode(true).analyze().getViolations();
                assertThat(violations)
                        .describedAs("%s in %s", path, scheme)
                        .extracting(
                                rule ->
                                        rule.getId()
                                                + rule.getNodes().stream()
                                                        .map(CheckedNode::getHtml)
                                                        .toList())
                        .isEmpty();
                if (scheme == ColorScheme.DARK) {
                    shoot(each, "dark" + path.replaceAll("\\W+", "-"));
                }
                each.setViewportSize(360, 700);
                assertThat((int) each.evaluate("document.documentElement.scrollWidth"))
                        .describedAs("width of %s on a phone", path)
                        .isLessThanOrEqualTo(360);
                if (scheme == ColorScheme.LIGHT) {
                    shoot(each, "phone" + path.replaceAll("\\W+", "-"));
                }
            }
            context.close();
        }
    }

    private static String manyJobs(int i) {
        return """
        {"jobId": "job-%d", "kind": "TRANSLATION", "state": "RUNNING", "message": "translating",
         "actions": ["pause", "cancel"], "workers": [], "submittedAt": "2026-01-02T03:04:05Z",
         "progress": {"unit": "images", "done": %d, "total": 1000000, "totalKnown": true},
         "images": {"total": 1000000, "succeeded": 1, "skipped": 0, "failed": 0, "running": 0},
         "tasks": {"total": 1, "done": 0, "running": 1, "attemptsFailed": 0},
         "device": {"secondsSpent": 1, "secondsWasted": 0}}
        """
                .formatted(i, i);
    }

    @SuppressWarnings("unchecked") // what the expression gives is known where it is written
    private static List<String> words(String expression) {
        return (List<String>) page.evaluate(expression);
    }

    private static void submit(String kind, String job) {
        APIResponse answer =
                page.request()
                        .post(
                                "/api/v1/%s-jobs".formatted(kind),
                                RequestOptions.create()
                                        .setHeader("Content-Type", "application/json")
                                        .setData(job));
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    }

    private static void fill(String name, String value) {
        page.locator("[name='%s']".formatted(name)).fill(value);
    }

    private static Locator heading() {
        return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1));
    }

    private static Locator state() {
        return page.locator(".head .state");
    }

    private static Locator fact(String name) {
        return page.locator(".facts div")
                .filter(new Locator.FilterOptions().setHas(page.getByText(name, exactly())))
                .locator("dd");
    }

    private static Page.GetByTextOptions exactly() {
        return new Page.GetByTextOptions().setExact(true);
    }

    /** The browser has decoded the picture. */
    private static void isLoaded(Locator picture) {
        assertThat(picture).isVisible();
        await().until(() -> (boolean) picture.evaluate("i => i.complete && i.naturalWidth > 0"));
    }

    private static void screenshot(String name) {
        shoot(page, name);
    }

    private static void shoot(Page page, String name) {
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(SCREENSHOTS.resolve(name + ".png")));
    }

    private static Page.GetByRoleOptions named(String name) {
        return new Page.GetByRoleOptions().setName(name);
    }

    private static Page.GetByRoleOptions named(Pattern name) {
        return new Page.GetByRoleOptions().setName(name);
    }

    /** A label map in the left half, the facade in the right. */
    private static byte[] pair(long seed) {
        return Encoder.png(Facades.draw(seed, SIZE).sideBySide());
    }

    private static void put(String key, byte[] bytes) {
        ObjectStore store = STACK.store();
        store.create(base.resolve(key), bytes, "application/octet-stream", Map.of());
    }
}
