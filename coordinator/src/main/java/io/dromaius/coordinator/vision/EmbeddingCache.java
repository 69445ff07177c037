package io.dromaius.coordinator.vision;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.SettableFuture;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings by content, bounded in bytes, least recently used first out. Calls that ask for the same content at the
 * same time share one encode, which is cancelled only when all of them have cancelled. Thread-safe.
 */
public final class EmbeddingCache {
    private final Cache<ContentKey, VisualEmbeddings> embeddings;

    @GuardedBy("this")
    private final Map<ContentKey, Flight> flights = new HashMap<>();

    /** Keeps at most about {@code maxBytes}. */
    public EmbeddingCache(long maxBytes) {
        this.embeddings = CacheBuilder.newBuilder()
                .maximumWeight(maxBytes)
                .concurrencyLevel(1) // the bound is split over segments otherwise
                .weigher((ContentKey key, VisualEmbeddings value) -> value.bytes())
                .build();
    }

    /**
     * The embeddings of {@code key}: kept ones, or those that {@code encode} (called at most once for all who ask at
     * the same time) brings. A failure is not kept. Cancelling the returned future gives up this caller's interest.
     */
    public Lookup get(ContentKey key, Supplier<ListenableFuture<VisualEmbeddings>> encode) {
        Flight flight;
        SettableFuture<VisualEmbeddings> waiter = SettableFuture.create();
        boolean first;
        synchronized (this) {
            VisualEmbeddings kept = embeddings.getIfPresent(key);
            if (kept != null) {
                return new Lookup(Futures.immediateFuture(kept), true);
            }
            Flight open = flights.get(key);
            first = open == null;
            flight = open == null ? new Flight() : open;
            flights.put(key, flight);
            flight.waiters++;
        }
        if (first) {
            start(key, flight, encode);
        }
        waiter.setFuture(Futures.nonCancellationPropagating(flight.result));
        waiter.addListener(() -> leave(key, flight, waiter), MoreExecutors.directExecutor());
        return new Lookup(waiter, false);
    }

    /** Embeddings kept now. */
    public long size() {
        return embeddings.size();
    }

    private void start(ContentKey key, Flight flight, Supplier<ListenableFuture<VisualEmbeddings>> encode) {
        ListenableFuture<VisualEmbeddings> loading = Futures.transform(
                Futures.submitAsync(encode::get, MoreExecutors.directExecutor()),
                made -> {
                    embeddings.put(key, made);
                    return made;
                },
                MoreExecutors.directExecutor());
        synchronized (this) {
            flight.loading = loading;
        }
        loading.addListener(
                () -> {
                    synchronized (this) {
                        flights.remove(key, flight);
                    }
                    flight.result.setFuture(loading);
                },
                MoreExecutors.directExecutor());
    }

    private void leave(ContentKey key, Flight flight, ListenableFuture<VisualEmbeddings> waiter) {
        ListenableFuture<VisualEmbeddings> abandoned = null;
        synchronized (this) {
            flight.waiters--;
            if (waiter.isCancelled() && flight.waiters == 0) {
                flights.remove(key, flight);
                abandoned = flight.loading;
            }
        }
        if (abandoned != null) {
            abandoned.cancel(true);
        }
    }

    /**
     * An answer of the cache.
     *
     * @param hit whether the embeddings were kept
     */
    public record Lookup(ListenableFuture<VisualEmbeddings> embeddings, boolean hit) {}

    private static final class Flight {
        final SettableFuture<VisualEmbeddings> result = SettableFuture.create();
        int waiters;

        @Nullable
        ListenableFuture<VisualEmbeddings> loading;
    }
}
