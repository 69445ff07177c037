package io.dromaius.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.dromaius.cli.CapturedTerminal;
import io.dromaius.cli.Terminal;
import io.dromaius.client.EmuClient;
import io.dromaius.client.InvalidRequestException;
import io.dromaius.proto.v1.Candidate;
import io.dromaius.proto.v1.FinishReason;
import io.dromaius.proto.v1.Finished;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.ImageChunk;
import io.dromaius.proto.v1.ImageDone;
import io.dromaius.proto.v1.ImageStarted;
import io.dromaius.proto.v1.Started;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExaminationTest {
    private static final Terminal SILENT = new CapturedTerminal().terminal();

    private Server server;
    private EmuClient emu;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new Parrot())
                .build()
                .start();
        emu = EmuClient.builder()
                .endpoint("127.0.0.1:" + server.getPort())
                .deadline(Duration.ofSeconds(20))
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        emu.close();
        server.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
    }

    @Test
    void everyQuestionIsAnsweredInOrderWithItsOwnOptions() throws Exception {
        Files.createDirectories(folder.resolve("p"));
        Files.write(folder.resolve("p/0.0.png"), new byte[] {1, 2, 3});
        questions(
                "{\"id\":\"p/0\",\"output\":\"text\",\"beams\":5,\"guidance\":1,\"seed\":0,"
                        + "\"parts\":[{\"image\":\"p/0.0.png\"},{\"text\":\"why?\"}]}",
                "{\"id\":\"p/1\",\"output\":\"image\",\"beams\":1,\"guidance\":3,\"seed\":7,\"parts\":[{\"text\":\"a cat\"}]}",
                "{\"id\":\"p/2\",\"output\":\"text\",\"beams\":1,\"guidance\":1,\"seed\":0,\"parts\":[{\"text\":\"x\"}]}");

        new Examination(folder, 2, 9).sit(emu, SILENT);

        assertThat(Files.readAllLines(folder.resolve("answers.jsonl")))
                .hasSize(3)
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"p/0\"", "[3 bytes] why? with 5 beams"),
                        line -> assertThat(line).contains("\"p/1\"", "\"p/1.answer.png\""),
                        line -> assertThat(line).contains("\"p/2\"", "x with 0 beams"));
        assertThat(Files.readString(folder.resolve("p/1.answer.png")))
                .isEqualTo("a cat in 9 steps, guidance 3.0, seed 7");
    }

    @Test
    void aRefusedQuestionEndsTheExaminationWithItsReason() throws Exception {
        questions(
                "{\"id\":\"p/0\",\"output\":\"text\",\"beams\":1,\"guidance\":1,\"seed\":0,\"parts\":[{\"text\":\"refuse\"}]}");

        assertThatThrownBy(() -> new Examination(folder, 2, 9).sit(emu, SILENT))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("not this one");
    }

    private void questions(String... lines) throws Exception {
        Files.write(folder.resolve("questions.jsonl"), List.of(lines));
    }

    /** Answers with what it was asked. */
    private static final class Parrot extends GenerationServiceGrpc.GenerationServiceImplBase {
        @Override
        public void generate(GenerateRequest request, StreamObserver<GenerateResponse> answer) {
            StringBuilder heard = new StringBuilder();
            request.getPrompt()
                    .getPartsList()
                    .forEach(part -> heard.append(
                            part.hasText()
                                    ? part.getText()
                                    : "[" + part.getImage().getData().size() + " bytes] "));
            if (heard.toString().equals("refuse")) {
                answer.onError(
                        Status.INVALID_ARGUMENT.withDescription("not this one").asRuntimeException());
                return;
            }
            answer.onNext(event(0).setStarted(Started.getDefaultInstance()).build());
            if (request.hasImage()) {
                picture(request, heard, answer);
            } else {
                heard.append(" with ").append(request.getText().getNumBeams()).append(" beams");
                answer.onNext(event(1).setFinished(finished(heard.toString(), FinishReason.FINISH_REASON_END))
                        .build());
            }
            answer.onCompleted();
        }

        private static void picture(
                GenerateRequest request, StringBuilder heard, StreamObserver<GenerateResponse> answer) {
            heard.append(" in ").append(request.getImage().getSteps()).append(" steps, guidance ");
            heard.append(request.getImage().getGuidanceScale()).append(", seed ");
            heard.append(request.getImage().getSeed());
            ByteString png = ByteString.copyFromUtf8(heard.toString());
            answer.onNext(
                    event(1).setImageStarted(ImageStarted.getDefaultInstance()).build());
            answer.onNext(
                    event(2).setImageChunk(ImageChunk.newBuilder().setData(png)).build());
            answer.onNext(event(3).setImageDone(ImageDone.newBuilder().setPngBytes(png.size()))
                    .build());
            answer.onNext(event(4).setFinished(finished("", FinishReason.FINISH_REASON_IMAGE))
                    .build());
        }

        private static GenerateResponse.Builder event(long number) {
            return GenerateResponse.newBuilder().setNumber(number);
        }

        private static Finished finished(String text, FinishReason reason) {
            return Finished.newBuilder()
                    .addCandidates(Candidate.newBuilder().setText(text).setReason(reason))
                    .build();
        }
    }
}
