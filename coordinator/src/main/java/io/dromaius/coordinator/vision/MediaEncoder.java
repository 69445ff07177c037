package io.dromaius.coordinator.vision;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.proto.internal.v1.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All media of a request at once, through the cache. Thread-safe. */
public final class MediaEncoder {
    private final EmbeddingCache cache;
    private final EncoderPool encoders;

    /** Looks into {@code cache} before it asks {@code encoders}. */
    public MediaEncoder(EmbeddingCache cache, EncoderPool encoders) {
        this.cache = cache;
        this.encoders = encoders;
    }

    /** Begins to encode each of {@code media}; the results come in the same order. */
    public Encoding encode(List<Media> media, DType dtype, String requestId) {
        List<ListenableFuture<VisualEmbeddings>> each = new ArrayList<>();
        int kept = 0;
        for (Media one : media) {
            EmbeddingCache.Lookup lookup =
                    cache.get(ContentKey.of(one, dtype), () -> encoders.encode(one, dtype, requestId));
            each.add(lookup.embeddings());
            kept += lookup.hit() ? one.pictures() : 0;
        }
        return new Encoding(List.copyOf(each), kept);
    }

    /**
     * Media being encoded.
     *
     * @param each one for each of the media
     * @param cachedPictures pictures whose embeddings were kept
     */
    public record Encoding(List<ListenableFuture<VisualEmbeddings>> each, int cachedPictures) {
        /** All of them, or the first failure; on a failure the others are given up. */
        public ListenableFuture<List<VisualEmbeddings>> all() {
            ListenableFuture<List<VisualEmbeddings>> all = Futures.allAsList(each);
            Futures.addCallback(
                    all,
                    new FutureCallback<>() {
                        @Override
                        public void onSuccess(@Nullable List<VisualEmbeddings> result) {}

                        @Override
                        public void onFailure(Throwable cause) {
                            cancel();
                        }
                    },
                    MoreExecutors.directExecutor());
            return all;
        }

        /** Gives up what is not there yet. */
        public void cancel() {
            each.forEach(one -> one.cancel(true));
        }
    }
}
