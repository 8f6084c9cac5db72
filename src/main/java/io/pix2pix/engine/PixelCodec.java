package io.pix2pix.engine;

import io.pix2pix.network.ScriptModule;
import java.util.Map;
import java.util.Set;

/**
 * The way from samples to the generator's numbers and back, on the device: a module of two methods.
 *
 * <p>{@code encode}: samples [N, H, W, C] of any number type, and the greatest sample value, to
 * float32 [N, C, H, W] in [-1, 1], as the reference does it: (v / 255 - 0.5) / 0.5. {@code decode}:
 * [N, C, H, W] to rounded samples [N, H, W, C] of 8 bits (the reference truncates), and the sum of
 * all numbers, which is not finite when one of them is not.
 */
final class PixelCodec {
    private static final String METHODS =
            """
              def encode(self: TYPE,
                samples: Tensor,
                greatest: Tensor) -> Tensor:
                x = torch.to(torch.permute(samples, [0, 3, 1, 2]), 6)
                x0 = torch.div_(x, greatest)
                x1 = torch.sub_(x0, 0.5)
                return torch.div_(x1, 0.5)
              def decode(self: TYPE,
                y: Tensor) -> List[Tensor]:
                total = torch.sum(y)
                y0 = torch.mul_(torch.add(y, 1.), 127.5)
                y1 = torch.clamp_(torch.round_(y0), 0., 255.)
                y2 = torch.permute(torch.to(y1, 0), [0, 2, 3, 1])
                return [torch.contiguous(y2), total]
            """
                    .replace("TYPE", ScriptModule.TYPE);

    private PixelCodec() {}

    static ScriptModule module() {
        return new ScriptModule(METHODS, Map.of(), Set.of());
    }
}
