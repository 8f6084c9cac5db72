package io.pix2pix.messaging;

import java.util.Locale;

/** Every topic, without the prefix. */
public enum Topic {
    /** Users ask for translations here. */
    TRANSLATION_JOBS(Kind.QUEUE),
    /** Users ask for trainings here. */
    TRAINING_JOBS(Kind.QUEUE),
    /** Users steer jobs here. */
    JOB_COMMANDS(Kind.QUEUE),
    /** Storage tells of new objects here, in the form of S3 event notifications. */
    S3_EVENTS(Kind.QUEUE),
    /** Shards, for translators. */
    TRANSLATION_TASKS(Kind.QUEUE),
    /** Slices of trainings, for trainers. */
    TRAINING_TASKS(Kind.QUEUE),
    /** Jobs whose shards are all in, for whoever writes the report. */
    REPORT_TASKS(Kind.QUEUE),
    /** The tracker's only input. */
    TASK_EVENTS(Kind.LOG),
    /** The outcome of each image, once, for users. */
    TRANSLATION_RESULTS(Kind.LOG),
    /** How trainings go, once, for users. */
    TRAINING_EVENTS(Kind.LOG),
    /** The latest status of each job, for users. */
    JOB_STATUS(Kind.TABLE),
    /** What could not be read or done; the reason is in the headers. */
    DEAD_LETTERS(Kind.LOG);

    /** How a topic is consumed. */
    public enum Kind {
        /** By a share group; one partition, so that every member can get every record (KIP-932). */
        QUEUE,
        /** By whoever reads it. */
        LOG,
        /** A log that keeps the latest record of each key. */
        TABLE
    }

    private final Kind kind;

    Topic(Kind kind) {
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** The topic's full name. */
    public String named(String prefix) {
        return prefix + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
