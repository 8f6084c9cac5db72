package io.pix2pix.worker;

/** A part of the application that a process may run. */
public enum Role {
    /** Plans jobs into tasks, tracks them, writes reports. */
    COORDINATOR,
    /** Does translation tasks. */
    TRANSLATOR,
    /** Does slices of training jobs. */
    TRAINER
}
