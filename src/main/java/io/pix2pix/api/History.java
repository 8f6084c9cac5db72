package io.pix2pix.api;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How one job moved: all of it coarsely, the last two minutes closely. Bounded. Safe for use by
 * several threads.
 */
public final class History {
    private static final int POINTS = 240;
    private static final Duration RECENT = Duration.ofMinutes(2);
    private static final Duration BETWEEN_RECENT = Duration.ofSeconds(1);

    /**
     * @param done images or steps by then
     */
    public record Point(Instant at, long done) {}

    // All guarded by this.
    private List<Point> points = new ArrayList<>();
    private Duration between = Duration.ofSeconds(1);
    private final Deque<Point> recent = new ArrayDeque<>();

    /** Takes what a status says. {@code moving}: not when paused or ended, which is no slowness. */
    synchronized void add(Instant at, long done, boolean moving) {
        Point point = new Point(at, done);
        addCoarsely(point);
        if (!moving) {
            recent.clear();
            return;
        }
        Point last = recent.peekLast();
        if (last != null && (at.isBefore(last.at()) || done < last.done())) {
            recent.clear(); // a worker died and others repeat what it had
            last = null;
        }
        Point beforeLast = recent.size() < 2 ? null : lastButOne();
        if (last != null
                && beforeLast != null
                && Duration.between(beforeLast.at(), at).compareTo(BETWEEN_RECENT) < 0) {
            recent.removeLast();
        }
        recent.addLast(point);
        while (recent.size() > 2 && recent.getFirst().at().isBefore(at.minus(RECENT))) {
            recent.removeFirst();
        }
    }

    private Point lastButOne() {
        var newestFirst = recent.descendingIterator();
        newestFirst.next();
        return newestFirst.next();
    }

    private void addCoarsely(Point point) {
        int last = points.size() - 1;
        if (last >= 0 && !point.at().isAfter(points.get(last).at())) {
            points.set(last, new Point(points.get(last).at(), point.done()));
            return;
        }
        boolean close =
                last >= 1
                        && Duration.between(points.get(last - 1).at(), point.at())
                                        .compareTo(between)
                                < 0;
        if (close) {
            points.set(last, point);
            return;
        }
        points.add(point);
        if (points.size() > POINTS) {
            List<Point> thinned = new ArrayList<>();
            for (int i = 0; i < points.size(); i += 2) {
                thinned.add(points.get(i));
            }
            points = thinned;
            between = between.multipliedBy(2);
        }
    }

    /** Every point kept, the oldest first; the newest is always among them. */
    synchronized List<Point> points() {
        return List.copyOf(points);
    }

    /** Images or steps a second over the last two minutes; empty until two points tell. */
    synchronized OptionalDouble perSecond(Instant now) {
        Point first = recent.peekFirst();
        Point last = recent.peekLast();
        if (first == null || last == null || last.at().isBefore(now.minus(RECENT))) {
            return OptionalDouble.empty();
        }
        long millis = Duration.between(first.at(), last.at()).toMillis();
        long done = last.done() - first.done();
        return millis <= 0 || done <= 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(done * 1000.0 / millis);
    }
}
