package io.pix2pix.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A training job's fields as options: one table says which option sets which field, so that help,
 * defaults and messages about fields are those of the job itself.
 */
final class TrainingOptions {
    private static final String EARLY_STOPPING = "validation.earlyStopping";

    /** The parts of the help text, in its order. */
    private static final List<Group> GROUPS =
            List.of(
                    new Group(
                            "What to train on",
                            text(
                                    "--dataset",
                                    "dataset.uri",
                                    "D",
                                    "pairs: a folder or s3:// prefix"),
                            words(
                                    "--layout",
                                    "dataset.layout",
                                    List.of("side-by-side", "folders"),
                                    "both pictures in one file, A left; or files of equal names in A/ and B/"),
                            words(
                                    "--direction",
                                    "dataset.direction",
                                    List.of("AtoB", "BtoA"),
                                    "from which picture to which"),
                            whole("--load-size", "training.loadSize", "pairs are resized to N x N"),
                            whole("--crop-size", "training.cropSize", "and cut to N x N at random"),
                            yesOrNo(
                                    "--flip",
                                    "training.flip",
                                    "mirror pairs at random, one in two")),
                    new Group(
                            "Where it goes",
                            text(
                                    "--output",
                                    "output.uri",
                                    "O",
                                    "generator, checkpoints and samples: a folder or s3:// prefix"),
                            whole(
                                    "--checkpoint-every",
                                    "checkpoint.everyEpochs",
                                    "epochs between checkpoints"),
                            whole(
                                    "--keep",
                                    "checkpoint.keep",
                                    "so many checkpoints, and the best")),
                    new Group(
                            "Networks",
                            text("--network", "generator.network", "NAME", "the generator"),
                            whole(
                                    "--filters",
                                    "generator.filters",
                                    "after its first convolution (the reference's --ngf)"),
                            text("--norm", "generator.norm", "NAME", "batch or instance"),
                            yesOrNo("--dropout", "generator.dropout", "in the generator"),
                            whole(
                                    "--input-channels",
                                    "generator.inputChannels",
                                    "of the generator's input"),
                            whole(
                                    "--output-channels",
                                    "generator.outputChannels",
                                    "of what it makes"),
                            text(
                                    "--discriminator",
                                    "discriminator.network",
                                    "NAME",
                                    "basic (PatchGAN) or pixel"),
                            whole(
                                    "--discriminator-filters",
                                    "discriminator.filters",
                                    "after its first convolution (--ndf)"),
                            whole(
                                    "--discriminator-layers",
                                    "discriminator.layers",
                                    "of the PatchGAN, 1 to 5")),
                    new Group(
                            "How to train",
                            whole("--epochs", "training.epochs", "at the full learning rate"),
                            whole(
                                    "--decay-epochs",
                                    "training.decayEpochs",
                                    "more, in which it falls to 0"),
                            whole("--batch-size", "training.batchSize", "pairs a step"),
                            number("--learning-rate", "training.learningRate", "of both networks"),
                            number("--beta1", "training.beta1", "of Adam"),
                            number("--lambda-l1", "training.lambdaL1", "weight of the L1 loss"),
                            text("--loss", "training.loss", "NAME", "vanilla, lsgan or wgangp"),
                            text(
                                    "--initialization",
                                    "training.initialization",
                                    "NAME",
                                    "normal, xavier, kaiming or orthogonal"),
                            text(
                                    "--precision",
                                    "training.precision",
                                    "NAME",
                                    "float32 or bfloat16"),
                            whole("--seed", "training.seed", "of all that is random"),
                            text(
                                    "--init-from",
                                    "initFrom",
                                    "W",
                                    "begin with these weights: .pth, generator.pt or a checkpoint"),
                            text(
                                    "--resume-from",
                                    "resumeFrom",
                                    "C",
                                    "go on from this checkpoint of another job")),
                    new Group(
                            "What to measure",
                            text(
                                    "--validation",
                                    "validation.uri",
                                    "V",
                                    "held-out pairs: a folder or s3:// prefix"),
                            whole(
                                    "--validate-every",
                                    "validation.everyEpochs",
                                    "epochs between validations"),
                            whole("--samples", "validation.samples", "rows of the sample sheets"),
                            text(
                                    "--early-stopping",
                                    EARLY_STOPPING,
                                    "METRIC[:PATIENCE]",
                                    "end when l1, psnr or ssim was not better for so many validations")));

    /** Where in the job's JSON a message belongs, which says nothing to whoever wrote options. */
    private static final Pattern PATH = Pattern.compile("^\\$[\\w.]*: ");

    private static final JsonNode DEFAULTS = defaults();

    private TrainingOptions() {}

    /**
     * @param words what is allowed; empty where the job says it
     */
    private record Field(
            String option,
            String path,
            Class<?> type,
            String label,
            List<String> words,
            String description) {
        OptionSpec spec() {
            JsonNode standard = DEFAULTS.at(pointer());
            String known = standard.isValueNode() ? "; default: " + plain(standard) : "";
            return OptionSpec.builder(option)
                    .type(type)
                    .paramLabel(label)
                    .negatable(type == boolean.class)
                    .description(description + known)
                    .build();
        }

        /** Without exponents, which {@link JsonNode#asText} has. */
        private static String plain(JsonNode value) {
            return value.isNumber()
                    ? value.decimalValue().stripTrailingZeros().toPlainString()
                    : value.asText();
        }

        String pointer() {
            return "/" + path.replace('.', '/');
        }
    }

    private record Group(String heading, List<Field> fields) {
        Group(String heading, Field... fields) {
            this(heading, List.of(fields));
        }
    }

    /** Adds all options to a command. */
    static void addTo(CommandSpec command) {
        for (int i = 0; i < GROUPS.size(); i++) {
            ArgGroupSpec.Builder group =
                    ArgGroupSpec.builder()
                            .validate(false)
                            .order(i)
                            .heading("%n" + GROUPS.get(i).heading() + "%n");
            GROUPS.get(i).fields().forEach(field -> group.addArg(field.spec()));
            command.addArgGroup(group.build());
        }
    }

    /**
     * Puts the options that were given into a job's JSON.
     *
     * @throws ParameterException naming the option
     */
    static void apply(ParseResult given, ObjectNode job) {
        fields().forEach(
                        field -> {
                            if (given.hasMatchedOption(field.option())) {
                                Object value = given.matchedOptionValue(field.option(), null);
                                CommandLine command = given.commandSpec().commandLine();
                                set(job, field, value, command);
                            }
                        });
    }

    private static void set(ObjectNode job, Field field, Object value, CommandLine command) {
        if (!field.words().isEmpty() && !field.words().contains(value)) {
            throw new ParameterException(
                    command,
                    "%s: expected %s, found '%s'"
                            .formatted(field.option(), String.join(" or ", field.words()), value));
        }
        int dot = field.path().indexOf('.');
        ObjectNode parent = dot < 0 ? job : job.withObject("/" + field.path().substring(0, dot));
        String name = field.path().substring(dot + 1);
        if (field.path().equals(EARLY_STOPPING)) {
            earlyStopping(parent.putObject(name), String.valueOf(value), command);
        } else {
            parent.set(name, Json.mapper().valueToTree(value));
        }
    }

    private static void earlyStopping(ObjectNode into, String value, CommandLine command) {
        Matcher parts = Pattern.compile("(l1|psnr|ssim)(?::(\\d{1,6}))?").matcher(value);
        if (!parts.matches()) {
            throw new ParameterException(
                    command,
                    "--early-stopping: expected l1, psnr or ssim and perhaps a patience, such as l1:5, found '%s'"
                            .formatted(value));
        }
        into.put("metric", parts.group(1));
        if (parts.group(2) != null) {
            into.put("patience", Integer.parseInt(parts.group(2)));
        }
    }

    /**
     * Runs a check whose failure names fields by their JSON path, and names the options as well: a
     * person who wrote {@code --crop-size} need not know which field that is.
     *
     * @throws ParameterException when the check says that the job is wrong
     */
    static <T> T checked(ParseResult given, Supplier<T> check) {
        CommandLine command = given.commandSpec().commandLine();
        try {
            return check.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    command, withOptions(given, String.valueOf(e.getMessage())), e);
        } catch (FailureException e) {
            throw new ParameterException(command, withOptions(given, e.failure().message()), e);
        }
    }

    private static String withOptions(ParseResult given, String message) {
        boolean fromFile = given.hasMatchedOption("--job");
        String options =
                fields().filter(field -> names(message, field.path()))
                        .map(Field::option)
                        .filter(option -> !fromFile || given.hasMatchedOption(option))
                        .collect(Collectors.joining(", "));
        return options.isEmpty()
                ? message
                : options + ": " + PATH.matcher(message).replaceFirst("");
    }

    private static boolean names(String message, String path) {
        return Pattern.compile("(?<![\\w.])(\\$\\.)?" + Pattern.quote(path) + "(?!\\w)")
                .matcher(message)
                .find();
    }

    private static Stream<Field> fields() {
        return GROUPS.stream().flatMap(group -> group.fields().stream());
    }

    private static JsonNode defaults() {
        ObjectNode least = Json.mapper().createObjectNode().put("jobId", "any");
        least.putObject("dataset").put("uri", "s3://any/");
        least.putObject("output").put("uri", "s3://any/");
        least.putObject("validation").put("uri", "s3://any/");
        ObjectNode job = Json.mapper().valueToTree(Json.read(Json.write(least), TrainingJob.class));
        for (String part : List.of("dataset", "output", "validation")) {
            job.withObject("/" + part).remove("uri");
        }
        return job;
    }

    private static Field text(String option, String path, String label, String description) {
        return new Field(option, path, String.class, label, List.of(), description);
    }

    private static Field words(String option, String path, List<String> words, String description) {
        String label = String.join("|", words);
        return new Field(option, path, String.class, label, words, description);
    }

    private static Field whole(String option, String path, String description) {
        return new Field(option, path, long.class, "N", List.of(), description);
    }

    private static Field number(String option, String path, String description) {
        return new Field(option, path, double.class, "X", List.of(), description);
    }

    private static Field yesOrNo(String option, String path, String description) {
        return new Field(option, path, boolean.class, "", List.of(), description);
    }
}
