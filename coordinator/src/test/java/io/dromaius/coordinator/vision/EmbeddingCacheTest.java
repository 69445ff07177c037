package io.dromaius.coordinator.vision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import com.google.protobuf.ByteString;
import io.dromaius.proto.internal.v1.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EmbeddingCacheTest {
    private final EmbeddingCache cache = new EmbeddingCache(3 * 64);
    private final List<SettableFuture<VisualEmbeddings>> encodes = new ArrayList<>();

    @Test
    void equalContentIsEncodedOnce() throws Exception {
        ListenableFuture<VisualEmbeddings> first =
                cache.get(key("cat"), this::encode).embeddings();
        ListenableFuture<VisualEmbeddings> second =
                cache.get(key("cat"), this::encode).embeddings();
        assertThat(encodes).hasSize(1);

        encodes.get(0).set(embeddings());

        assertThat(Futures.getDone(first)).isSameAs(Futures.getDone(second));
        EmbeddingCache.Lookup third = cache.get(key("cat"), this::encode);
        assertThat(third.hit()).isTrue();
        assertThat(encodes).hasSize(1);
    }

    @Test
    void framesAndDtypeAreOtherContent() {
        Media video = Media.video(ByteString.copyFromUtf8("v"), 8);
        Media shorter = Media.video(ByteString.copyFromUtf8("v"), 4);
        cache.get(ContentKey.of(video, DType.D_TYPE_FP32), this::encode);
        cache.get(ContentKey.of(shorter, DType.D_TYPE_FP32), this::encode);
        cache.get(ContentKey.of(video, DType.D_TYPE_BF16), this::encode);

        assertThat(encodes).hasSize(3);
    }

    @Test
    void aFailureIsToldToAllAndNotKept() {
        ListenableFuture<VisualEmbeddings> first =
                cache.get(key("cat"), this::encode).embeddings();
        ListenableFuture<VisualEmbeddings> second =
                cache.get(key("cat"), this::encode).embeddings();
        encodes.get(0).setException(new IllegalStateException("unreadable"));

        assertThat(first).failsWithin(java.time.Duration.ZERO);
        assertThat(second).failsWithin(java.time.Duration.ZERO);
        cache.get(key("cat"), this::encode);
        assertThat(encodes).hasSize(2);
    }

    @Test
    void anEncodeIsCancelledWhenNobodyWaitsForItAnyMore() {
        ListenableFuture<VisualEmbeddings> first =
                cache.get(key("cat"), this::encode).embeddings();
        ListenableFuture<VisualEmbeddings> second =
                cache.get(key("cat"), this::encode).embeddings();
        first.cancel(true);
        assertThat(encodes.get(0).isCancelled()).isFalse();

        second.cancel(true);
        assertThat(encodes.get(0).isCancelled()).isTrue();

        cache.get(key("cat"), this::encode);
        assertThat(encodes).as("a newcomer does not get the cancelled one").hasSize(2);
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() {
        for (String name : List.of("a", "b", "c")) {
            fill(name);
        }
        assertThat(cache.get(key("a"), this::encode).hit()).isTrue();
        fill("d");

        assertThat(cache.get(key("b"), this::encode).hit()).isFalse();
        assertThat(cache.get(key("a"), this::encode).hit()).isTrue();
        assertThat(cache.size()).isEqualTo(3);
    }

    private ListenableFuture<VisualEmbeddings> encode() {
        SettableFuture<VisualEmbeddings> begun = SettableFuture.create();
        encodes.add(begun);
        return begun;
    }

    private void fill(String name) {
        cache.get(key(name), this::encode);
        encodes.get(encodes.size() - 1).set(embeddings());
    }

    private static ContentKey key(String content) {
        return ContentKey.of(Media.image(ByteString.copyFromUtf8(content)), DType.D_TYPE_FP32);
    }

    private static VisualEmbeddings embeddings() {
        return new VisualEmbeddings(DType.D_TYPE_FP32, 1, 4, 4, ByteBuffer.allocate(64));
    }
}
