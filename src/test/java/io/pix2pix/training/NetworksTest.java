package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.DiscriminatorSpec;
import io.pix2pix.network.GanLoss;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Precision;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.storage.S3Uri;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
    private static final S3Uri OUTPUT = S3Uri.parse("s3://models/maps/");

    @Test
    void theDefaultsAreTheReferences() {
        TrainingJob job =
                Trainings.job(
                        "one",
                        OUTPUT,
                        "{\"generator\": null, \"discriminator\": null, \"training\": null}");

        assertThat(Networks.of(job))
                .isEqualTo(
                        new TrainingSpec(
                                new GeneratorSpec(
                                        Architecture.parse("unet_256"),
                                        64,
                                        3,
                                        3,
                                        NormKind.BATCH,
                                        true),
                                new DiscriminatorSpec(
                                        DiscriminatorSpec.Kind.BASIC, 64, 3, 6, NormKind.BATCH),
                                GanLoss.VANILLA,
                                100,
                                0.5,
                                Precision.FLOAT32));
        assertThat(Networks.initialization(job)).isEqualTo(Initialization.NORMAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"training\": {\"cropSize\": 8}}",
                "{\"generator\": {\"network\": \"resnet_6blocks\"}, \"training\": {\"cropSize\": 8}}",
                "{\"generator\": {\"norm\": \"instance\"}, \"training\": {\"loss\": \"wgangp\", \"precision\": \"bfloat16\"}}",
                "{\"discriminator\": {\"network\": \"pixel\"}, \"training\": {\"cropSize\": 8}}"
            })
    void takesWhatTheNetworksTake(String setting) {
        assertThat(Networks.of(Trainings.job("one", OUTPUT, setting))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"generator": {"network": "unet_257"}}   | $.generator.network: expected a network like unet_256
                    {"generator": {"norm": "layer"}}         | $.generator.norm: expected norm batch or instance, found 'layer'
                    {"generator": {"filters": 513}}          | $.generator.filters: expected at most 512, found 513
                    {"generator": {"inputChannels": 1000}}   | $.generator.inputChannels: expected at most 512
                    {"generator": {"outputChannels": 1000}}  | $.generator.outputChannels: expected at most 512
                    {"output": {"uri": "http://models/"}}     | $.output.uri: expected a URI like s3://bucket/key
                    {"discriminator": {"network": "patch"}}  | $.discriminator.network: expected discriminator basic or pixel, found 'patch'
                    {"discriminator": {"filters": 2147483647}} | $.discriminator.filters: expected at most 512
                    {"training": {"loss": "hinge"}}          | $.training.loss: expected loss vanilla or lsgan or wgangp, found 'hinge'
                    {"training": {"precision": "float16"}}   | $.training.precision: expected precision float32 or bfloat16
                    {"training": {"initialization": "uniform"}} | $.training.initialization: expected initialization normal or xavier
                    {"training": {"cropSize": 12}}           | $.training.cropSize: expected a multiple of 8, at least 8, for unet_8, found 12
                    {"training": {"cropSize": 4}}            | $.training.cropSize: expected a multiple of 8, at least 8
                    {"generator": {"network": "resnet_9blocks"}, "training": {"cropSize": 4}} | $.training.cropSize: expected a multiple of 4, at least 8, for resnet_9blocks
                    {"discriminator": {"layers": 3}}         | $.training.cropSize: expected at least 24 for a discriminator of 3 layers, found 16
                    {"training": {"batchSize": 10000000}}    | $.training.batchSize: 10000000 images of 16 x 16 pixels do not fit one batch
                    """)
    void namesTheWrongField(String setting, String message) {
        TrainingJob job = Trainings.job("one", OUTPUT, setting);

        assertThatThrownBy(() -> Networks.of(job))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().stage()).isEqualTo(Stage.SUBMIT);
                            assertThat(e.failure().code()).isEqualTo("INVALID_JOB");
                            assertThat(e.failure().retriable()).isFalse();
                        })
                .hasMessageStartingWith(message);
    }
}
