package io.pix2pix.worker;

import io.pix2pix.dataset.DatasetConfig;
import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.messaging.TaskConfig;
import io.pix2pix.storage.StorageConfig;
import io.pix2pix.tracking.TrackingConfig;
import io.pix2pix.training.TrainingConfig;
import io.pix2pix.translation.TranslationConfig;
import jakarta.inject.Singleton;

/** All that is configured of a process. */
@Singleton
public record Configuration(
        WorkerConfig worker,
        HealthConfig health,
        TracingConfig tracing,
        MessagingConfig messaging,
        StorageConfig storage,
        TrackingConfig tracking,
        TaskConfig tasks,
        TranslationConfig translation,
        DatasetConfig dataset,
        TrainingConfig training) {}
