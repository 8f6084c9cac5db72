package io.pix2pix.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageTypeTest {

    @ParameterizedTest
    @CsvSource({
        "0x0000, 0",
        "0x8000, -0.0",
        "0x0001, 5.9604645E-8",
        "0x03FF, 6.097555E-5",
        "0x0400, 6.1035156E-5",
        "0x3555, 0.33325195",
        "0x3C00, 1",
        "0xC000, -2",
        "0x7BFF, 65504",
        "0x7C00, Infinity",
        "0xFC00, -Infinity",
        "0x7E00, NaN"
    })
    void readsHalfPrecision(String bits, Float expected) {
        ByteBuffer data = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        data.putShort(0, Integer.decode(bits).shortValue());
        assertThat(StorageType.HALF.floatAt(data, 0)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0x3F80, 1", "0xC049, -3.140625", "0x0000, 0"})
    void readsBfloat16(String bits, float expected) {
        ByteBuffer data = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        data.putShort(0, Integer.decode(bits).shortValue());
        assertThat(StorageType.BFLOAT16.floatAt(data, 0)).isEqualTo(expected);
    }
}
