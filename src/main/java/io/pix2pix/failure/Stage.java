package io.pix2pix.failure;

/** Where on its way a job, a task or an image failed. */
public enum Stage {
    /** Reading and checking what a user submitted. */
    SUBMIT,
    /** Listing inputs and writing the manifest. */
    PLAN,
    /** Loading the model. */
    MODEL,
    /** Reading the input object. */
    FETCH,
    /** Turning the file into pixels of the wanted size. */
    DECODE,
    /** The forward pass. */
    GENERATE,
    /** Turning pixels into a file. */
    ENCODE,
    /** Writing the output object. */
    STORE,
    /** Checking or reading a training job's pairs. */
    DATASET,
    /** A training step, a checkpoint or a validation. */
    TRAIN,
    /** The task as a whole: attempts exhausted, cancelled, an unexpected error. */
    TASK
}
