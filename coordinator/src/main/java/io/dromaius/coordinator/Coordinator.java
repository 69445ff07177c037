package io.dromaius.coordinator;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.coordinator.api.Admission;
import io.dromaius.coordinator.api.ClusterService;
import io.dromaius.coordinator.api.GenerationService;
import io.dromaius.coordinator.api.RequestLimits;
import io.dromaius.coordinator.intake.MessageBudget;
import io.dromaius.coordinator.intake.MessageIntake;
import io.dromaius.coordinator.intake.MessageMeter;
import io.dromaius.coordinator.pipeline.Pipeline;
import io.dromaius.coordinator.pipeline.PipelineEnvironment;
import io.dromaius.coordinator.pipeline.PipelineSet;
import io.dromaius.coordinator.pipeline.PipelineSettings;
import io.dromaius.coordinator.pipeline.UnconditionalEmbeddings;
import io.dromaius.coordinator.vision.DecoderPool;
import io.dromaius.coordinator.vision.EmbeddingCache;
import io.dromaius.coordinator.vision.EncoderPool;
import io.dromaius.coordinator.vision.MediaEncoder;
import io.dromaius.coordinator.vision.WorkerPool;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.PictureSpec;
import io.dromaius.model.text.ChatTemplate;
import io.dromaius.model.text.PromptAssembler;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.ConfigException;
import io.dromaius.node.Node;
import io.dromaius.node.metrics.GrpcMetricsInterceptor;
import io.dromaius.node.metrics.Metrics;
import io.dromaius.node.metrics.MetricsServer;
import io.dromaius.node.rpc.DeadlineInterceptor;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.dromaius.node.rpc.RequestIds;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.grpc.ServerInterceptors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** The parts of a coordinator, put together. */
public final class Coordinator {
    private static final Duration ROW_TIMEOUT = Duration.ofMillis(10);

    private final CoordinatorConfig config;
    private final Checkpoint checkpoint;
    private final ModelText text;
    private final ClusterLink cluster;
    private final MessageBudget messages;
    private final Admission admission;
    private final EmbeddingCache cache;
    private final Metrics metrics = new Metrics();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(
            2,
            new ThreadFactoryBuilder().setNameFormat("timer-%d").setDaemon(true).build());
    private final WorkerPool encoders = new WorkerPool(member -> GrpcChannels.internal(member.getEndpoint()), timer);
    private final WorkerPool decoders = new WorkerPool(member -> GrpcChannels.internal(member.getEndpoint()), timer);
    private final ExecutorService calls = Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            new ThreadFactoryBuilder().setNameFormat("call-%d").setDaemon(true).build());
    private final String self = "coordinator-" + RequestIds.next();
    private final PipelineSet pipelines;
    private final GrpcServer server;

    private Coordinator(CoordinatorConfig config) throws IOException {
        this.config = config;
        this.checkpoint = reading(() -> Checkpoint.open(config.node().requiredCheckpoint()));
        int layers = checkpoint.spec().llama().layers();
        if (config.shardsPerPipeline() > layers) {
            throw new ConfigException("shardsPerPipeline is " + config.shardsPerPipeline() + ", but the model has "
                    + layers + " layers and a shard takes at least one");
        }
        this.text = openText(checkpoint);
        this.messages = new MessageBudget(
                config.messageMemory().bytes(), GrpcChannels.MAX_MESSAGE.bytes(), GrpcServers.OPEN_WINDOW.bytes());
        this.admission = new Admission(config.queueTokens());
        this.cache = new EmbeddingCache(config.embeddingCache().bytes());
        this.cluster = new ClusterLink(self, config, checkpoint, this::endpoint);
        PictureSpec picture = reading(() -> PictureSpec.read(checkpoint.diffusion()));
        CoordinatorMetrics measured = new CoordinatorMetrics(metrics);
        this.pipelines = new PipelineSet(self, environment(measured), new Events());
        this.server = GrpcServers.open(config.node(), config.node().port())
                .trace(MessageMeter.factory())
                .callsPerConnection(config.maxConnectionCalls())
                .add(ServerInterceptors.intercept(generationService(measured, picture), intake(measured)))
                .add(new ClusterService(text.info(config.modelName(), picture), new View(), admission::load))
                .intercept(new GrpcMetricsInterceptor(metrics))
                .intercept(new DeadlineInterceptor(config.defaultDeadline(), config.longestDeadline(), timer))
                .build();
    }

    /** A checkpoint that cannot be read is the operator's to mend, not a bug. */
    private static <T> T reading(Supplier<T> checkpoint) {
        try {
            return checkpoint.get();
        } catch (CheckpointException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
    }

    private static ModelText openText(Checkpoint checkpoint) {
        try {
            return ModelText.open(checkpoint.tokenizer(), checkpoint.spec());
        } catch (IOException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** Adds a coordinator's parts to {@code node}, in the order in which they start. */
    public static Coordinator assemble(CoordinatorConfig config, Node node) throws IOException {
        Coordinator coordinator = new Coordinator(config);
        coordinator.addTo(node);
        return coordinator;
    }

    /** Where clients reach it, once started: {@code host:port}. */
    public String endpoint() {
        return server.endpoint();
    }

    private void addTo(Node node) {
        node.addCloseable("tokenizer", text);
        node.addCloseable("timer", timer::shutdownNow);
        node.addCloseable("calls", calls::shutdownNow);
        addGauges();
        node.add("metrics", new MetricsServer(config.node(), metrics));
        cluster.addWatching(node);
        node.addCloseable("encoders", encoders);
        node.addCloseable("decoders", decoders);
        node.add("pipelines", new Node.Part() {
            @Override
            public void start() {
                cluster.onMembers(Member.Role.ROLE_ENCODER, encoders::update);
                cluster.onMembers(Member.Role.ROLE_DECODER, decoders::update);
            }

            @Override
            public void close() {
                pipelines.close();
            }
        });
        node.add("server", server);
        cluster.addTakingPart(node);
        node.add("placements", new Node.Part() {
            @Override
            public void start() {
                server.setReady(ClusterServiceGrpc.SERVICE_NAME, true);
                cluster.placements().addListener(record -> pipelines.apply(record.placement()));
            }
        });
    }

    private MessageIntake intake(CoordinatorMetrics measured) {
        return new MessageIntake(
                new MessageIntake.Terms(messages, config.messageWait(), config.messageTimeout(), timer, measured));
    }

    private GenerationService generationService(CoordinatorMetrics measured, PictureSpec picture) {
        RequestLimits limits = new RequestLimits(
                checkpoint.spec().llama().maxPositions(),
                checkpoint.spec().llama().vocabulary(),
                checkpoint.spec().visualTokens(),
                picture,
                RequestLimits.MEDIA_BYTES,
                config.maxParts(),
                config.maxSequences(),
                config.maxCandidates(),
                Math.min(config.defaultMaxTokens(), checkpoint.spec().llama().maxPositions()));
        return GenerationService.create(
                config.modelName(),
                limits,
                config.streamBuffer().bytes(),
                text.tokenizer(),
                new PromptAssembler(text.tokenizer(), checkpoint.spec().visualTokens(), ChatTemplate.EMU),
                new GenerationService.Backend(
                        admission,
                        pipelines,
                        new MediaEncoder(cache, new EncoderPool(encoders, config.encodeTimeout())),
                        new DecoderPool(decoders, config.drawTimeout())),
                measured,
                calls);
    }

    private PipelineEnvironment environment(CoordinatorMetrics measured) {
        PipelineSettings settings = new PipelineSettings(
                config.blockSize(),
                config.maxBlocks(),
                config.window(),
                config.batchInvariant(),
                config.loadTimeout(),
                config.canaryTimeout(),
                config.heartbeatTimeout(),
                config.stepTimeout(),
                ROW_TIMEOUT);
        return new PipelineEnvironment(
                settings,
                text.engineModel(),
                checkpoint.spec().llama().hidden(),
                text.emptyPicturePrompt(),
                text::stream,
                cluster::dtypeOf,
                GrpcChannels::internal,
                new UnconditionalEmbeddings(),
                measured,
                timer,
                Ticker.systemTicker());
    }

    private void addGauges() {
        metrics.gauge("dromaius_requests_running", "Requests that run.", () -> admission
                .load()
                .running());
        metrics.gauge("dromaius_requests_queued", "Requests that wait.", () -> admission
                .load()
                .queued());
        metrics.gauge("dromaius_queued_tokens", "Prompt tokens that wait.", () -> admission
                .load()
                .queuedTokens());
        metrics.gauge(
                "dromaius_message_bytes", "Request messages held, or room set apart for them.", () -> messages.load()
                        .bytes());
        metrics.gauge("dromaius_messages_waiting", "Calls that wait for room for their messages.", () -> messages.load()
                .waiting());
        metrics.gauge("dromaius_cached_embeddings", "Pictures and videos whose embeddings are kept.", cache::size);
        metrics.gauge("dromaius_pipelines_serving", "Pipelines that serve.", () -> pipelines.all().stream()
                .filter(pipeline -> pipeline.state() == Pipeline.State.SERVING)
                .count());
        metrics.gauge("dromaius_kv_blocks", "KV blocks of all pipelines.", () -> pipelines
                .counted()
                .blocks());
        metrics.gauge("dromaius_kv_blocks_in_use", "KV blocks in use.", () -> pipelines
                .counted()
                .blocksInUse());
        metrics.gauge("dromaius_preemptions", "Sequences that gave way and were computed again.", () -> pipelines
                .counted()
                .preemptions());
    }

    private final class Events implements PipelineSet.Listener {
        @Override
        public void onServing(boolean any) {
            server.setReady(GenerationServiceGrpc.SERVICE_NAME, any);
        }

        @Override
        public void onShardLost(StagePlacement shard) {
            cluster.onShardLost(shard);
        }
    }

    private final class View implements ClusterService.Source {
        @Override
        public String cluster() {
            return config.node().cluster();
        }

        @Override
        public String self() {
            return self;
        }

        @Override
        public String leader() {
            return cluster.leader();
        }

        @Override
        public boolean registryConnected() {
            return cluster.connected();
        }

        @Override
        public List<Member> members() {
            return cluster.membership().members();
        }

        @Override
        public Placement placement() {
            return cluster.placements().lastKnown().placement();
        }

        @Override
        public List<Pipeline> pipelines() {
            return pipelines.all();
        }

        @Override
        public long cachedEmbeddings() {
            return cache.size();
        }
    }
}
