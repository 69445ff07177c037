package io.dromaius.model.tiny;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The JSON files of a released checkpoint, by their paths inside it. */
final class TinyConfigs {

    static final double VISION_MLP_RATIO = 4.3637;

    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);

    private final TinySizes sizes;
    private final int vocabulary;
    private final boolean early;

    /** {@code early}: sizes of the preprocessor are plain integers, as in files of 2022. */
    TinyConfigs(TinySizes sizes, int vocabulary, boolean early) {
        this.early = early;
        this.sizes = sizes;
        this.vocabulary = vocabulary;
    }

    Map<String, Object> files() {
        Map<String, Object> files = new TreeMap<>();
        files.put("Emu-tiny.json", emu());
        files.put("t5_config.json", causalTransformer());
        files.put("llama_config/config.json", llama());
        files.put("unet/config.json", unet());
        files.put("vae/config.json", vae());
        files.put("scheduler/scheduler_config.json", scheduler());
        files.put("safety_checker/config.json", safetyChecker());
        files.put("feature_extractor/preprocessor_config.json", featureExtractor());
        return files;
    }

    static String json(Object value) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new AssertionError("maps of numbers and strings are JSON", e);
        }
    }

    private Map<String, Object> emu() {
        return object(
                "embed_dim",
                sizes.visionWidth(),
                "vision_cfg",
                object(
                        "image_size",
                        sizes.pictures().inputSide(),
                        "layers",
                        sizes.visionLayers(),
                        "width",
                        sizes.visionWidth(),
                        "head_width",
                        sizes.visionHeadWidth(),
                        "mlp_ratio",
                        VISION_MLP_RATIO,
                        "patch_size",
                        sizes.pictures().patch(),
                        "xattn",
                        false),
                "multimodal_cfg",
                object(
                        "name",
                        "llama-tiny",
                        "xattn",
                        true,
                        "n_causal",
                        sizes.pictures().visualTokens()),
                "vladapter_cfg",
                object("name", "cformer", "n_causal", sizes.pictures().visualTokens()));
    }

    private Map<String, Object> causalTransformer() {
        return object(
                "model_type",
                "t5",
                "d_model",
                sizes.causalWidth(),
                "d_kv",
                sizes.causalWidth() / sizes.causalHeads(),
                "d_ff",
                3 * sizes.causalWidth(),
                "num_layers",
                sizes.causalLayers(),
                "num_decoder_layers",
                sizes.causalLayers(),
                "num_heads",
                sizes.causalHeads(),
                "relative_attention_num_buckets",
                32,
                "relative_attention_max_distance",
                128,
                "layer_norm_epsilon",
                1e-6,
                "feed_forward_proj",
                "relu",
                "is_gated_act",
                false);
    }

    private Map<String, Object> llama() {
        return object(
                "architectures",
                List.of("LlamaForCausalLM"),
                "model_type",
                "llama",
                "bos_token_id",
                1,
                "eos_token_id",
                2,
                "pad_token_id",
                0,
                "hidden_act",
                "silu",
                "hidden_size",
                sizes.hidden(),
                "intermediate_size",
                sizes.intermediate(),
                "num_attention_heads",
                sizes.heads(),
                "num_hidden_layers",
                sizes.layers(),
                "max_position_embeddings",
                sizes.context(),
                "rms_norm_eps",
                1e-6,
                "tie_word_embeddings",
                false,
                "vocab_size",
                vocabulary);
    }

    private Map<String, Object> unet() {
        return object(
                "_class_name",
                "UNet2DConditionModel",
                "act_fn",
                "silu",
                "attention_head_dim",
                8,
                "block_out_channels",
                sizes.channels(),
                "cross_attention_dim",
                sizes.hidden(),
                "down_block_types",
                blocks("Down"),
                "up_block_types",
                reversed(blocks("Up")),
                "downsample_padding",
                1,
                "flip_sin_to_cos",
                true,
                "freq_shift",
                0,
                "in_channels",
                DiffusionTensors.LATENT_CHANNELS,
                "out_channels",
                DiffusionTensors.LATENT_CHANNELS,
                "layers_per_block",
                2,
                "norm_eps",
                1e-5,
                "norm_num_groups",
                DiffusionTensors.GROUPS,
                "sample_size",
                sizes.pictures().latents(),
                "use_linear_projection",
                false);
    }

    /** From the level of the most pixels to that of the fewest, which attends to nothing. */
    private List<String> blocks(String way) {
        int levels = sizes.channels().size();
        List<String> blocks = new ArrayList<>(Collections.nCopies(levels - 1, "CrossAttn" + way + "Block2D"));
        blocks.add(way + "Block2D");
        return blocks;
    }

    private static List<String> reversed(List<String> list) {
        List<String> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        return reversed;
    }

    private Map<String, Object> vae() {
        return object(
                "_class_name",
                "AutoencoderKL",
                "act_fn",
                "silu",
                "block_out_channels",
                sizes.pictures().vaeChannels(),
                "in_channels",
                3,
                "out_channels",
                3,
                "latent_channels",
                DiffusionTensors.LATENT_CHANNELS,
                "layers_per_block",
                2,
                "norm_num_groups",
                DiffusionTensors.GROUPS,
                "sample_size",
                sizes.pictures().width(),
                "scaling_factor",
                0.18215);
    }

    private static Map<String, Object> scheduler() {
        return object(
                "_class_name",
                "PNDMScheduler",
                "beta_start",
                0.00085,
                "beta_end",
                0.012,
                "beta_schedule",
                "scaled_linear",
                "num_train_timesteps",
                1000,
                "prediction_type",
                "epsilon",
                "set_alpha_to_one",
                false,
                "skip_prk_steps",
                true,
                "steps_offset",
                1);
    }

    private static Map<String, Object> safetyChecker() {
        return object(
                "architectures",
                List.of("StableDiffusionSafetyChecker"),
                "model_type",
                "clip",
                "projection_dim",
                DiffusionTensors.CLIP_PROJECTION,
                "vision_config",
                object(
                        "model_type", "clip_vision_model",
                        "hidden_size", DiffusionTensors.CLIP_WIDTH,
                        "intermediate_size", DiffusionTensors.CLIP_INNER,
                        "num_attention_heads", 4,
                        "num_hidden_layers", DiffusionTensors.CLIP_LAYERS,
                        "image_size", DiffusionTensors.PICTURE,
                        "patch_size", DiffusionTensors.CLIP_PATCH,
                        "projection_dim", DiffusionTensors.CLIP_PROJECTION));
    }

    private Map<String, Object> featureExtractor() {
        int side = DiffusionTensors.PICTURE;
        return object(
                "image_processor_type",
                "CLIPImageProcessor",
                "crop_size",
                early ? side : object("height", side, "width", side),
                "size",
                early ? side : object("shortest_edge", side),
                "do_center_crop",
                true,
                "do_convert_rgb",
                true,
                "do_normalize",
                true,
                "do_rescale",
                true,
                "do_resize",
                true,
                "image_mean",
                CLIP_MEAN,
                "image_std",
                CLIP_DEVIATION,
                "resample",
                3,
                "rescale_factor",
                1.0 / 255);
    }

    /** Keys and values in turn. */
    private static Map<String, Object> object(Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            object.put((String) pairs[i], pairs[i + 1]);
        }
        return object;
    }
}
