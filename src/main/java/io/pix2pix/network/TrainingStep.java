package io.pix2pix.network;

import io.pix2pix.network.TrainingForward.Pass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the program of a training: one method is a whole step of the reference (Isola et al. 2017,
 * section 3), from the batch to the moved weights.
 *
 * <p>The program holds no tensors. They come in as {@link #lists} and change in place. They must be
 * the method's own arguments: TorchScript drops a call that changes only a list made on the way,
 * even though the tensors in it are others'. No device is named: what is random is drawn on the CPU
 * and then moved to where x is.
 *
 * <pre>
 * load(s) -> List[Tensor]                          copies that PyTorch owns
 * step(x, y, seed, rate, lists) -> Tensor[5]       D real, D fake, G GAN, G L1, penalty
 * generate(x, gp) -> Tensor[N, C, H, W]            as a translation
 * export(t) -> Tensor                              in row-major order
 * </pre>
 */
public final class TrainingStep {
    private static final int PENALTY_WEIGHT = 10;

    /** Numbers of the random streams of a step: dropout layers count from 1. */
    private static final int PENALTY_STREAM = 1_000_000;

    private final TrainingSpec spec;
    private final Map<String, String> places = new LinkedHashMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final Source source = new Source();

    private TrainingStep(TrainingSpec spec) {
        this.spec = spec;
        lists(spec)
                .forEach(
                        (list, names) ->
                                names.forEach(
                                        name ->
                                                places.put(
                                                        name,
                                                        "%s[%d]"
                                                                .formatted(
                                                                        list,
                                                                        names.indexOf(name)))));
    }

    /**
     * The tensors that the program works on, those of {@link TrainingState} without the networks'
     * own counters: parameters, first and second moments of both networks; last what else there is,
     * with {@code G.step} and {@code D.step} as float32. By the lists' names, in the arguments'
     * order; none is empty.
     */
    public static Map<String, List<String>> lists(TrainingSpec spec) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        List<String> rest = new ArrayList<>();
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put(TrainingState.GENERATOR, spec.generator());
        networks.put(TrainingState.DISCRIMINATOR, spec.discriminator());
        networks.forEach(
                (prefix, network) -> {
                    String letter = prefix.substring(0, 1).toLowerCase(Locale.ROOT);
                    List<String> keys = network.parameters();
                    lists.put(letter + "p", prefixed(prefix, keys));
                    lists.put(letter + "m", prefixed(prefix + TrainingState.FIRST_MOMENT, keys));
                    lists.put(letter + "v", prefixed(prefix + TrainingState.SECOND_MOMENT, keys));
                    rest.add(prefix + TrainingState.STEP);
                    network.entries()
                            .forEach(
                                    (key, entry) -> {
                                        if (entry.buffer() && !entry.counter()) {
                                            rest.add(prefix + key);
                                        }
                                    });
                });
        lists.put("rest", List.copyOf(rest));
        return lists;
    }

    private static List<String> prefixed(String prefix, List<String> keys) {
        return keys.stream().map(prefix::concat).toList();
    }

    /** The tensors that {@code generate} takes, in the order of its list. */
    public static List<String> generatorList(TrainingSpec spec) {
        return lists(spec).values().stream()
                .flatMap(List::stream)
                .filter(name -> isOfGenerator(name, spec))
                .toList();
    }

    private static boolean isOfGenerator(String name, TrainingSpec spec) {
        Network.Entry entry =
                name.startsWith(TrainingState.GENERATOR)
                        ? spec.generator()
                                .entries()
                                .get(name.substring(TrainingState.GENERATOR.length()))
                        : null;
        return entry != null && !entry.counter();
    }

    /**
     * The program of a training.
     *
     * @param statistics what {@code generate} takes: those of the generator that is made
     */
    public static ScriptModule of(TrainingSpec spec, Statistics statistics) {
        String methods =
                """
                  def load(self: TYPE,
                    s: List[Tensor]) -> List[Tensor]:
                    copies = annotate(List[Tensor], [])
                    for i in range(torch.len(s)):
                      _ = torch.append(copies, torch.clone(s[i]))
                    return copies
                  def export(self: TYPE,
                    t: Tensor) -> Tensor:
                    return torch.contiguous(t)
                  def generate(self: TYPE,
                    x: Tensor,
                    gp: List[Tensor]) -> Tensor:
                %s  def step(self: TYPE,
                    x: Tensor,
                    y: Tensor,
                    seed: Tensor,
                    rate: Tensor,
                    %s) -> Tensor:
                %s"""
                        .formatted(
                                new TrainingStep(spec).generate(statistics),
                                lists(spec).keySet().stream()
                                        .map(list -> list + ": List[Tensor]")
                                        .collect(Collectors.joining(",\n    ")),
                                new TrainingStep(spec).step())
                        .replace("TYPE", ScriptModule.TYPE);
        return new ScriptModule(methods, Map.of(), Set.of());
    }

    /** As whoever translates with the generator: float32 however it was trained. */
    private String generate(Statistics statistics) {
        List<String> names = generatorList(spec);
        boolean running = statistics == Statistics.RUNNING;
        TrainingForward forward =
                new TrainingForward(
                        source,
                        key -> "gp[%d]".formatted(names.indexOf(TrainingState.GENERATOR + key)),
                        Precision.FLOAT32,
                        running ? Pass.GENERATE_RUNNING : Pass.GENERATE);
        String output = forward.write(spec.generator().layers(), "x");
        source.line("return " + output);
        return source.toString();
    }

    private String step() {
        source.line("n = int(seed)");
        source.line("lr = float(rate)");
        Map<String, String> g = follow(TrainingState.GENERATOR, spec.generator());
        Map<String, String> d = follow(TrainingState.DISCRIMINATOR, spec.discriminator());
        String fake =
                new TrainingForward(
                                source,
                                key -> tensor(TrainingState.GENERATOR + key),
                                spec.precision(),
                                Pass.TRAIN)
                        .write(spec.generator().layers(), "x");

        String shown = source.set("torch.cat([x, torch.detach(%s)], 1)".formatted(fake));
        String real = source.set("torch.cat([x, y], 1)");
        String lossFake = loss(judge(shown, Pass.TRAIN), false);
        String lossReal = loss(judge(real, Pass.TRAIN), true);
        String lossD = source.set("torch.add(%s, %s)".formatted(lossFake, lossReal));
        String penalty = source.set("torch.zeros_like(%s)".formatted(lossReal));
        if (spec.loss() == GanLoss.WGANGP) {
            penalty = penalty(shown, real);
            lossD = source.set("torch.add(%s, %s)".formatted(lossD, penalty));
        }
        lossD = source.set("torch.mul(%s, 0.5)".formatted(lossD));
        adam(TrainingState.DISCRIMINATOR, lossD, d);

        // From here on the discriminator is what it has become, and frozen.
        d.keySet().forEach(variables::remove);
        String judged = judge(source.set("torch.cat([x, %s], 1)".formatted(fake)), Pass.TRAIN);
        String lossGan = loss(judged, true);
        String lossL1 =
                source.set(
                        "torch.mul(torch.l1_loss(%s, y, 1), %s)".formatted(fake, spec.lambdaL1()));
        String lossG = source.set("torch.add(%s, %s)".formatted(lossGan, lossL1));
        adam(TrainingState.GENERATOR, lossG, g);
        source.line(
                "return torch.stack([%s])"
                        .formatted(
                                List.of(lossReal, lossFake, lossGan, lossL1, penalty).stream()
                                        .map("torch.detach(%s)"::formatted)
                                        .collect(Collectors.joining(", "))));
        return source.toString();
    }

    /** How the program names a tensor. */
    private String tensor(String name) {
        String variable = variables.get(name);
        if (variable != null) {
            return variable;
        }
        String place = places.get(name);
        if (place == null) {
            throw new IllegalStateException("No " + name);
        }
        return place;
    }

    /** Has autograd follow a network's parameters from here on. */
    private Map<String, String> follow(String prefix, Network network) {
        Map<String, String> followed = new LinkedHashMap<>();
        for (String key : network.parameters()) {
            String name = prefix + key;
            followed.put(
                    name,
                    source.set(
                            "torch.requires_grad_(torch.detach(%s), True)"
                                    .formatted(tensor(name))));
        }
        variables.putAll(followed);
        return followed;
    }

    private String judge(String pair, Pass pass) {
        return new TrainingForward(
                        source,
                        key -> tensor(TrainingState.DISCRIMINATOR + key),
                        spec.precision(),
                        pass)
                .write(spec.discriminator().layers(), pair);
    }

    private String loss(String judgement, boolean real) {
        String target = "torch.%s_like(%s)".formatted(real ? "ones" : "zeros", judgement);
        return source.set(
                switch (spec.loss()) {
                    case VANILLA ->
                            "torch.binary_cross_entropy_with_logits(%s, %s, None, None, 1)"
                                    .formatted(judgement, target);
                    case LSGAN -> "torch.mse_loss(%s, %s, 1)".formatted(judgement, target);
                    case WGANGP ->
                            (real ? "torch.neg(torch.mean(%s))" : "torch.mean(%s)")
                                    .formatted(judgement);
                });
    }

    /**
     * Gulrajani et al. 2017, section 4: between a true and a generated pair, one random mixture for
     * each pair of the batch, the judgement should rise at a rate of 1.
     */
    private String penalty(String fake, String real) {
        String share =
                drawn(
                        source,
                        "[torch.size(x, 0), 1, 1, 1]",
                        "uniform_",
                        "0., 1.",
                        "x",
                        PENALTY_STREAM);
        String mixture =
                source.set(
                        "torch.add(torch.mul(%s, %s), torch.mul(torch.rsub(%s, 1), %s))"
                                .formatted(share, real, share, fake));
        String input = source.set("torch.requires_grad_(%s, True)".formatted(mixture));
        String judgement = judge(input, Pass.PROBE);
        String slopes =
                source.set(
                        "torch.autograd.grad([torch.sum(%s)], [%s], None, True, True)"
                                .formatted(judgement, input));
        // The reference's 1e-16 keeps the root's own slope finite.
        String slope =
                source.set("torch.add(torch._unwrap_optional(%s[0]), 1e-16)".formatted(slopes));
        String rate =
                source.set(
                        "torch.sqrt(torch.sum(torch.mul(%s, %s), [1, 2, 3]))"
                                .formatted(slope, slope));
        String off = source.set("torch.sub(%s, 1.)".formatted(rate));
        return source.set(
                "torch.mul(torch.mean(torch.mul(%s, %s)), %d.)"
                        .formatted(off, off, PENALTY_WEIGHT));
    }

    /** Takes the loss's gradients and one step of Adam (Kingma and Ba 2015). */
    private void adam(String prefix, String loss, Map<String, String> followed) {
        String gradients =
                source.set(
                        "torch.autograd.grad([%s], [%s])"
                                .formatted(loss, String.join(", ", followed.values())));
        source.line("torch.set_grad_enabled(False)");
        List<String> own = new ArrayList<>();
        for (int i = 0; i < followed.size(); i++) {
            // Adam's kernel on the CPU takes memory as it lies, so all must lie alike.
            own.add("torch.contiguous(torch._unwrap_optional(%s[%d]))".formatted(gradients, i));
        }
        String step = tensor(prefix + TrainingState.STEP);
        source.line("_ = torch.add_(%s, 1)".formatted(step));
        String letter = prefix.substring(0, 1).toLowerCase(Locale.ROOT);
        source.line(
                "torch._fused_adam_(%sp, [%s], %sm, %sv, annotate(List[Tensor], []), [%s], lr=lr, beta1=%s, beta2=%s, weight_decay=0., eps=%s, amsgrad=False, maximize=False)"
                        .formatted(
                                letter,
                                String.join(", ", own),
                                letter,
                                letter,
                                String.join(", ", Collections.nCopies(own.size(), step)),
                                spec.beta1(),
                                TrainingSpec.BETA2,
                                TrainingSpec.EPSILON));
        source.line("torch.set_grad_enabled(True)");
    }

    /**
     * Random numbers of the kind and on the device of another tensor, from a generator of their
     * own.
     *
     * @param stream tells apart what is drawn in one step
     */
    static String drawn(
            Source source,
            String size,
            String operator,
            String arguments,
            String like,
            int stream) {
        String generator =
                source.set(
                        "torch.Generator(device=torch.device(\"cpu\"), seed=torch.add(n, %d))"
                                .formatted(stream));
        String empty =
                source.set(
                        "torch.empty(%s, dtype=6, layout=0, device=torch.device(\"cpu\"), pin_memory=False)"
                                .formatted(size));
        String numbers =
                source.set(
                        "torch.%s(%s, %s, generator=%s)"
                                .formatted(operator, empty, arguments, generator));
        return source.set("torch.type_as(%s, %s)".formatted(numbers, like));
    }
}
