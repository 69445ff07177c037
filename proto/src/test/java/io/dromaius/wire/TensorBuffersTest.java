package io.dromaius.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorBuffersTest {
    private static final long MOST_POOLED = 1 << 20;
    private final TensorBuffers pool = new TensorBuffers(MOST_POOLED);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nobodyElsesBufferIsEverLent(long seed) {
        Random random = new Random(seed);
        List<TensorBuffer> lent = new ArrayList<>();
        List<Integer> marks = new ArrayList<>();
        for (int turn = 0; turn < 5_000; turn++) {
            if (lent.isEmpty() || random.nextInt(20) < 10) {
                TensorBuffer buffer = pool.lend(4 + random.nextInt(1 << (3 + random.nextInt(15))));
                int mark = random.nextInt();
                fill(buffer.bytes(), mark);
                lent.add(buffer);
                marks.add(mark);
            } else {
                int index = random.nextInt(lent.size());
                try (TensorBuffer buffer = lent.remove(index)) {
                    assertThat(holdsOnly(buffer.bytes(), marks.remove(index))).isTrue();
                }
            }
            assertThat(pool.leased()).isEqualTo(lent.size());
            assertThat(pool.pooledBytes()).isBetween(0L, MOST_POOLED);
        }
        lent.forEach(TensorBuffer::close);
        assertThat(pool.leased()).isZero();
        assertThat(pool.leasedBytes()).isZero();
    }

    @Test
    void aBufferIsDirectLittleEndianAlignedAndOfTheSizeAskedFor() {
        for (int size : new int[] {0, 1, 4095, 4096, 4097, 5120, 5121, 2 * 256 * 5120, (5 << 20) + 7}) {
            try (TensorBuffer buffer = pool.lend(size)) {
                assertThat(buffer.bytes().isDirect()).isTrue();
                assertThat(buffer.bytes().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
                assertThat(buffer.bytes().remaining()).isEqualTo(size);
                assertThat(buffer.bytes().alignmentOffset(0, 64)).isZero();
                assertThat(pool.leasedBytes()).isBetween((long) size, Math.max(4096, size + size / 4L));
            }
        }
    }

    @Test
    void aBufferGivenBackIsLentAgain() {
        pool.lend(10_000).close();
        long pooled = pool.pooledBytes();
        assertThat(pooled).isPositive();
        TensorBuffer again = pool.lend(9_000);
        assertThat(pool.pooledBytes()).isZero();
        again.close();
        assertThat(pool.pooledBytes()).isEqualTo(pooled);
    }

    @Test
    void closingTwiceGivesBackOnceAndNothingIsReadAfterwards() {
        TensorBuffer buffer = pool.lend(100);
        buffer.close();
        buffer.close();
        assertThat(pool.leased()).isZero();
        assertThatIllegalStateException().isThrownBy(buffer::bytes);
    }

    @Test
    void sizesThatNoBufferHasAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> pool.lend(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> pool.lend((1 << 30) + 1));
    }

    private static void fill(ByteBuffer bytes, int mark) {
        while (bytes.remaining() >= Integer.BYTES) {
            bytes.putInt(mark);
        }
    }

    private static boolean holdsOnly(ByteBuffer bytes, int mark) {
        while (bytes.remaining() >= Integer.BYTES) {
            if (bytes.getInt() != mark) {
                return false;
            }
        }
        return true;
    }
}
