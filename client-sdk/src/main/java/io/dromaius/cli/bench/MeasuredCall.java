package io.dromaius.cli.bench;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * One request, timed from when it was due: a request that had to wait for its turn to be sent has waited all the same. Its
 * future completes when it has ended, well or badly.
 */
final class MeasuredCall implements Flow.Subscriber<GenerationEvent> {
    private final Recording recording;
    private final long due;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private long last;

    private MeasuredCall(Recording recording, long due) {
        this.recording = recording;
        this.due = due;
    }

    /** Sends {@code request}; {@code due} is on the clock of {@link System#nanoTime}. */
    static CompletableFuture<Void> send(EmuClient emu, Workload.Request request, Recording recording, long due) {
        MeasuredCall call = new MeasuredCall(recording, due);
        emu.publish(request.prompt(), request.options()).subscribe(call);
        return call.ended;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(GenerationEvent event) {
        long now = System.nanoTime();
        if (event instanceof GenerationEvent.TextDelta delta
                && !delta.tokenIds().isEmpty()) {
            if (last == 0) {
                recording.firstToken(now - due);
                recording.firstTokens(delta.tokenIds().size());
            } else {
                recording.tokens(delta.tokenIds().size(), now - last);
            }
            last = now;
        } else if (event instanceof GenerationEvent.ImageStarted && last == 0) {
            recording.firstToken(now - due);
            last = now;
        } else if (event instanceof GenerationEvent.ImageDone) {
            recording.picture();
        }
    }

    @Override
    public void onError(Throwable failure) {
        recording.failed(failure);
        ended.complete(null);
    }

    @Override
    public void onComplete() {
        recording.finished(System.nanoTime() - due);
        ended.complete(null);
    }
}
