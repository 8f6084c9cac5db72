package io.pix2pix.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Prints what makes the shell complete commands and options.",
            "bash: source <(scripts/pix2pix completion bash)",
            "zsh: the same after autoload -U +X bashcompinit && bashcompinit"
        })
final class CompletionCommand implements Callable<Integer> {
    /** Both understand the same script. */
    enum Shell {
        bash,
        zsh
    }

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        CommandLine whole = Objects.requireNonNull(spec).root().commandLine();
        whole.getOut().printf("# For %s.%n", shell);
        whole.getOut().print(AutoComplete.bash("pix2pix", whole));
        whole.getOut().flush();
        return 0;
    }
}
