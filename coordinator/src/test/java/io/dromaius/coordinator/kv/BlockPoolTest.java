package io.dromaius.coordinator.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BlockPoolTest {
    @Test
    void aTableIsOneExtent() {
        BlockPool pool = new BlockPool(100);
        assertThat(pool.allocate(-1, 5)).containsExactly(0, 1, 2, 3, 4);
        assertThat(pool.allocate(4, 2)).containsExactly(5, 6);
    }

    @Test
    void anotherTableLeavesRoomToGrow() {
        BlockPool pool = new BlockPool(100);
        pool.allocate(-1, 5);
        assertThat(pool.allocate(-1, 2)).containsExactly(21, 22);
        assertThat(pool.allocate(4, 3)).containsExactly(5, 6, 7);
    }

    @Test
    void piecesServeWhenNoExtentIsLongEnough() {
        BlockPool pool = new BlockPool(8);
        pool.allocate(-1, 8);
        for (int block : new int[] {0, 2, 3, 6, 7}) {
            pool.release(block);
        }
        assertThat(pool.allocate(-1, 5)).containsExactlyInAnyOrder(0, 2, 3, 6, 7);
        assertThat(pool.free()).isZero();
        assertThatThrownBy(() -> pool.allocate(-1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aBlockIsFreeWhenItsLastReferenceIsReleased() {
        BlockPool pool = new BlockPool(2);
        int block = pool.allocate(-1, 1)[0];
        pool.share(block);
        pool.release(block);
        assertThat(pool.inUse()).isOne();
        pool.release(block);
        assertThat(pool.inUse()).isZero();
        assertThatThrownBy(() -> pool.release(block)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.share(block)).isInstanceOf(IllegalStateException.class);
    }
}
