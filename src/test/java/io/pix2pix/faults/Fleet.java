package io.pix2pix.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The processes of one scenario, and a record of what was done to them. */
final class Fleet implements AutoCloseable {
    private static final List<String> JVM =
            List.of("-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private volatile Path application;
    private final Path logs;
    private final Map<String, String> settings;
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final List<Harm> harms = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> incarnations = new LinkedHashMap<>();

    /** What was done to a worker, and when. */
    record Harm(String worker, Kind kind, Instant at) {
        enum Kind {
            KILLED,
            FROZEN
        }
    }

    /**
     * @param application the {@code quarkus-run.jar} that runs
     * @param logs folder of one log a process
     * @param settings system properties of all
     */
    Fleet(Path application, Path logs, Map<String, String> settings) throws IOException {
        this.application = application;
        this.logs = Files.createDirectories(logs);
        this.settings = Map.copyOf(settings);
    }

    /** A process of the application. */
    final class Member {
        private final String role;
        private final String name;
        private final Process process;
        private final Path log;
        private final Map<String, String> more;
        private boolean replaced;

        private Member(String role, String name, Map<String, String> more, List<String> jvm)
                throws IOException {
            this.role = role;
            this.name = name;
            this.more = more;
            this.log = logs.resolve(name + ".log");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(JVM);
            command.addAll(jvm);
            Map<String, String> all = new LinkedHashMap<>(settings);
            all.put("pix2pix.name", name);
            all.put("pix2pix.roles", role);
            all.put("pix2pix.tracking.directory", logs.resolve(name + "-streams").toString());
            all.putAll(more);
            all.forEach((key, value) -> command.add("-D" + key + "=" + value));
            command.addAll(List.of("-jar", application.toString(), "worker"));
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
        }

        String name() {
            return name;
        }

        boolean isAlive() {
            return process.isAlive();
        }

        String log() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        boolean isReady() {
            return log().contains(" is ready: ");
        }

        Member ready() {
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> log().contains(" is ready: ") || !isAlive());
            if (!log().contains(" is ready: ")) {
                throw new AssertionError(name + " ended: " + log());
            }
            return this;
        }

        /** SIGKILL. */
        void kill() {
            harms.add(new Harm(name, Harm.Kind.KILLED, Instant.now()));
            process.destroyForcibly().onExit().join();
        }

        /** SIGSTOP. */
        Harm freeze() {
            signal("STOP");
            Harm harm = new Harm(name, Harm.Kind.FROZEN, Instant.now());
            harms.add(harm);
            return harm;
        }

        /** SIGCONT. */
        void thaw() {
            signal("CONT");
        }

        /** SIGTERM; returns the exit code. */
        int terminate(Duration patience) throws InterruptedException {
            process.destroy();
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " still runs after " + patience + ": " + log());
            }
            return process.exitValue();
        }

        /** Another one in its place. */
        Member successor() throws IOException {
            replaced = true;
            return start(role, more, List.of());
        }

        private void signal(String name) {
            try {
                int exit =
                        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                                .start()
                                .waitFor();
                if (exit != 0) {
                    throw new AssertionError("kill -" + name + " exited with " + exit);
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** What starts from now on is of another version. */
    void use(Path application) {
        this.application = application;
    }

    Member coordinator() throws IOException {
        return start("coordinator", Map.of(), List.of());
    }

    Member translator() throws IOException {
        return start("translator", Map.of(), List.of());
    }

    /**
     * @param more system properties of this one
     * @param jvm options of its JVM
     */
    synchronized Member start(String role, Map<String, String> more, List<String> jvm)
            throws IOException {
        int number = incarnations.merge(role, 1, Integer::sum);
        Member member = new Member(role, role + "-" + number, more, jvm);
        members.add(member);
        return member;
    }

    List<Member> alive(String role) {
        return members.stream().filter(m -> m.role.equals(role) && m.isAlive()).toList();
    }

    /** Starts another in the place of each that ended by itself; returns how many. */
    int replaceDead(String role) throws IOException {
        int replaced = 0;
        for (Member member : members) {
            if (member.role.equals(role) && !member.isAlive() && !member.replaced) {
                member.replaced = true;
                harms.add(new Harm(member.name, Harm.Kind.KILLED, Instant.now()));
                member.successor();
                replaced++;
            }
        }
        return replaced;
    }

    /** Processes that ended without anybody of the harness having a hand in it. */
    List<Member> died() {
        return members.stream()
                .filter(m -> !m.isAlive())
                .filter(m -> harms.stream().noneMatch(h -> h.worker().equals(m.name)))
                .toList();
    }

    List<Harm> harms() {
        return List.copyOf(harms);
    }

    @Override
    public void close() {
        for (Member member : members) {
            member.process.destroyForcibly().onExit().join();
        }
    }
}
