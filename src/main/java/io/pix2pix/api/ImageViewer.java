package io.pix2pix.api;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows an image of the bucket to a browser, of limited size and never as anything but an image:
 * files that browsers know go out as they are, others and parts of them as PNG.
 */
@Singleton
class ImageViewer {
    private static final int SMALLEST_SIDE = 16;
    private static final int LARGEST_SIDE = 4096;

    /** Each may take as much memory as its pixels. */
    private static final int DECODED_AT_ONCE = 2;

    private static final int PATIENCE_S = 20;

    private static final Map<String, String> SHOWN_BY_BROWSERS =
            Map.of(
                    "\u0089PNG\r\n\u001a\n", "image/png",
                    "\u00ff\u00d8\u00ff", "image/jpeg",
                    "GIF8", "image/gif");

    private final ApiConfig config;
    private final Decoder decoder;
    private final Semaphore decoding = new Semaphore(DECODED_AT_ONCE);

    ImageViewer(ApiConfig config) {
        this.config = config;
        this.decoder = new Decoder(config.maxImagePixels());
    }

    /**
     * @param uri named by a job's own files, never by the request
     * @param region which part
     * @param maxSide scaled down so that neither side is longer; null: as large as it is
     */
    Response show(
            ObjectStore store,
            S3Uri uri,
            Region region,
            @Nullable Integer maxSide,
            Request request) {
        if (maxSide != null && (maxSide < SMALLEST_SIDE || maxSide > LARGEST_SIDE)) {
            throw ProblemException.badRequest(
                    "maxSide must be %d to %d, found %d"
                            .formatted(SMALLEST_SIDE, LARGEST_SIDE, maxSide));
        }
        StoredObject object =
                store.head(uri)
                        .orElseThrow(
                                () ->
                                        ProblemException.notFound(
                                                "NO_SUCH_OBJECT", "There is no object " + uri));
        EntityTag tag =
                new EntityTag(
                        "%s-%s-%s".formatted(object.etag(), region, maxSide == null ? 0 : maxSide));
        Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
        if (unchanged != null) {
            return unchanged.tag(tag).build();
        }
        byte[] file = store.read(uri, config.maxImageBytes()).bytes();
        String type = type(file);
        boolean asItIs = type != null && region == Region.WHOLE && maxSide == null;
        return Response.ok(asItIs ? file : redraw(uri, file, region, maxSide))
                .type(asItIs ? type : "image/png")
                .tag(tag)
                .header("Cache-Control", "private, max-age=60")
                .build();
    }

    private byte[] redraw(S3Uri uri, byte[] file, Region region, @Nullable Integer maxSide) {
        boolean acquired = false;
        try {
            acquired = decoding.tryAcquire(PATIENCE_S, TimeUnit.SECONDS);
            if (!acquired) {
                throw ProblemException.unavailable("BUSY", "Other images are being drawn");
            }
            Pixels picture = decoder.decode(file, 3, region);
            return Encoder.png(maxSide == null ? picture : within(picture, maxSide));
        } catch (FailureException e) {
            if (e.failure().stage() == Stage.DECODE) {
                throw ProblemException.notAnImage(
                        "%s cannot be shown: %s".formatted(uri, e.failure().message()));
            }
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProblemException.unavailable("INTERRUPTED", "Interrupted while drawing");
        } finally {
            if (acquired) {
                decoding.release();
            }
        }
    }

    private static Pixels within(Pixels picture, int maxSide) {
        int longest = Math.max(picture.width(), picture.height());
        if (longest <= maxSide) {
            return picture;
        }
        return Resize.bicubic(
                picture,
                Math.max(1, (int) ((long) picture.width() * maxSide / longest)),
                Math.max(1, (int) ((long) picture.height() * maxSide / longest)));
    }

    private static @Nullable String type(byte[] file) {
        String head = new String(file, 0, Math.min(file.length, 8), StandardCharsets.ISO_8859_1);
        return SHOWN_BY_BROWSERS.entrySet().stream()
                .filter(each -> head.startsWith(each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }
}
