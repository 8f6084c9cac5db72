package io.pix2pix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingJob.Metric;
import io.pix2pix.training.Networks;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

class TrainingOptionsTest {
    private static final String[] LEAST = {"--dataset=s3://a/pairs/", "--output=s3://a/out/"};

    @Test
    void optionsLeftOutAreTheJobsOwnDefaults() {
        TrainingJob job = job(LEAST);
        TrainingJob least =
                Json.read(
                        """
                        {"jobId": "j", "dataset": {"uri": "s3://a/pairs/"}, "output": {"uri": "s3://a/out/"}}
                        """
                                .getBytes(StandardCharsets.UTF_8),
                        TrainingJob.class);
        assertThat(job).isEqualTo(least);
    }

    @Test
    void everyOptionSetsItsField() {
        TrainingJob job =
                job(
                        "--dataset=s3://a/d/",
                        "--layout=folders",
                        "--direction=BtoA",
                        "--load-size=143",
                        "--crop-size=128",
                        "--no-flip",
                        "--output=s3://a/o/",
                        "--checkpoint-every=7",
                        "--keep=2",
                        "--network=unet_128",
                        "--filters=32",
                        "--norm=instance",
                        "--no-dropout",
                        "--input-channels=1",
                        "--output-channels=4",
                        "--discriminator=pixel",
                        "--discriminator-filters=16",
                        "--discriminator-layers=2",
                        "--epochs=10",
                        "--decay-epochs=5",
                        "--batch-size=4",
                        "--learning-rate=1e-3",
                        "--beta1=0.9",
                        "--lambda-l1=10",
                        "--loss=lsgan",
                        "--initialization=xavier",
                        "--precision=bfloat16",
                        "--seed=-7",
                        "--init-from=s3://a/w.pth",
                        "--validation=s3://a/v/",
                        "--validate-every=2",
                        "--samples=3",
                        "--early-stopping=ssim:9");
        assertThat(Json.writeString(job))
                .isEqualTo(
                        """
                        {"checkpoint":{"everyEpochs":7,"keep":2},\
                        "dataset":{"direction":"BtoA","layout":"folders","uri":"s3://a/d/"},\
                        "discriminator":{"filters":16,"layers":2,"network":"pixel"},\
                        "generator":{"dropout":false,"filters":32,"inputChannels":1,"network":"unet_128","norm":"instance","outputChannels":4},\
                        "initFrom":"s3://a/w.pth","jobId":"j","output":{"uri":"s3://a/o/"},\
                        "training":{"batchSize":4,"beta1":0.9,"cropSize":128,"decayEpochs":5,"epochs":10,"flip":false,"initialization":"xavier","lambdaL1":10.0,"learningRate":0.001,"loadSize":143,"loss":"lsgan","precision":"bfloat16","seed":-7},\
                        "validation":{"earlyStopping":{"metric":"ssim","patience":9},"everyEpochs":2,"samples":3,"uri":"s3://a/v/"}}""");
        assertThat(job("--resume-from=s3://a/c/", LEAST[0], LEAST[1]).resumeFrom())
                .isEqualTo("s3://a/c/");
    }

    @Test
    void whatIsOnByDefaultCanBeSaidToBeOn() {
        assertThat(job(LEAST[0], LEAST[1], "--flip", "--dropout").training().flip()).isTrue();
    }

    @Test
    void patienceMayBeLeftOut() {
        TrainingJob job = job(LEAST[0], LEAST[1], "--validation=s3://v/", "--early-stopping=psnr");
        assertThat(job.validation().earlyStopping().metric()).isEqualTo(Metric.PSNR);
        assertThat(job.validation().earlyStopping().patience()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "--learning-rate=0, --learning-rate: ",
        "--epochs=-1, --epochs: ",
        "--epochs=99999999999, --epochs: ",
        "--crop-size=300, --crop-size: training.cropSize 300 is larger than loadSize 286",
        "--crop-size=100, --crop-size: expected a multiple of 256",
        "--network=vgg_16, --network: ",
        "--loss=hinge, --loss: ",
        "--norm=layer, --norm: ",
        "--precision=int8, --precision: ",
        "--discriminator-layers=6, --discriminator-layers: ",
        "--direction=AB, --direction: expected AtoB or BtoA",
        "--layout=zip, --layout: expected side-by-side or folders",
        "--early-stopping=l2:5, --early-stopping: expected l1",
        "--early-stopping=l1:5, --validation: "
    })
    void aValueThatCannotBeIsRefusedWithTheOptionsName(String option, String message) {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> job(LEAST[0], LEAST[1], option))
                .withMessageStartingWith(message);
    }

    @Test
    void whatIsNeededIsNamed() {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> job(LEAST[0]))
                .withMessageStartingWith("--output: ");
    }

    @Test
    void helpShowsTheDefaults() {
        String help = Pix2PixCommand.commands().getSubcommands().get("train").getUsageMessage();
        assertThat(help)
                .containsPattern("--epochs=<?N>?\\s+at the full learning rate; default: 100")
                .containsPattern(
                        "--\\[no-\\]flip\\s+mirror pairs at random, one in two; default: true")
                .contains("default: 0.0002")
                .contains("default: side-by-side");
    }

    private static TrainingJob job(String... options) {
        List<String> args = new ArrayList<>(List.of("train"));
        args.addAll(List.of(options));
        ParseResult given =
                Pix2PixCommand.commands().parseArgs(args.toArray(String[]::new)).subcommand();
        ObjectNode wanted = Json.mapper().createObjectNode().put("jobId", "j");
        wanted.withObject("/dataset");
        wanted.withObject("/output");
        TrainingOptions.apply(given, wanted);
        return TrainingOptions.checked(
                given,
                () -> {
                    TrainingJob job = Json.read(Json.write(wanted), TrainingJob.class);
                    Networks.of(job);
                    return job;
                });
    }
}
