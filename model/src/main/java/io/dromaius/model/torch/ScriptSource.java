package io.dromaius.model.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of {@code torchscript/dromaius}, turned from the Python it reads like into the form a TorchScript archive holds:
 * names fully qualified, {@code self} annotated, dtypes as numbers, {@code math} by its TorchScript names, imports gone. Lines keep their numbers, so that the
 * compiler's messages point into the file.
 */
record ScriptSource(String name, String text, List<String> imports) {
    private static final Pattern IMPORT = Pattern.compile("(?m)^from dromaius\\.(\\w+) import ([\\w, ]+)$");
    private static final Pattern OTHER_IMPORT =
            Pattern.compile("(?m)^(?:import \\w+|from (?:typing|torch) import .*)$");
    private static final Pattern FUNCTION = Pattern.compile("(?m)^def (\\w+)\\(");
    private static final Pattern CALL = Pattern.compile("(?<![\\w.])(?<!def )([A-Za-z_]\\w*)(?=\\()");
    private static final Pattern CLASS_OR_SELF = Pattern.compile("(?m)^class (\\w+)\\(Module\\):$|\\(self(?=[,)])");
    private static final Map<String, Dtype> DTYPES = Map.of(
            "float32", Dtype.FP32,
            "float16", Dtype.FP16,
            "bfloat16", Dtype.BF16,
            "int64", Dtype.INT64,
            "int32", Dtype.INT32,
            "int8", Dtype.INT8,
            "uint8", Dtype.UINT8,
            "bool", Dtype.BOOL);

    static ScriptSource read(String name) {
        String path = "/torchscript/dromaius/" + name + ".py";
        try (InputStream in = ScriptSource.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no script " + path);
            }
            return translate(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    static ScriptSource translate(String name, String python) {
        List<String> imports = new ArrayList<>();
        Map<String, String> qualified = new HashMap<>();
        for (MatchResult found : IMPORT.matcher(python).results().toList()) {
            imports.add(found.group(1));
            for (String function : found.group(2).split(",", -1)) {
                qualified.put(function.strip(), "__torch__.dromaius." + found.group(1) + "." + function.strip());
            }
        }
        for (MatchResult found : FUNCTION.matcher(python).results().toList()) {
            qualified.put(found.group(1), "__torch__.dromaius." + name + "." + found.group(1));
        }
        String text = IMPORT.matcher(python).replaceAll("");
        text = OTHER_IMPORT.matcher(text).replaceAll("");
        text = CALL.matcher(text).replaceAll(call -> qualified.getOrDefault(call.group(1), call.group(1)));
        for (Map.Entry<String, Dtype> dtype : DTYPES.entrySet()) {
            text = text.replaceAll(
                    "torch\\." + dtype.getKey() + "\\b",
                    Integer.toString(dtype.getValue().code()));
        }
        // TorchScript knows Python's math as overloads of its own operators.
        text = text.replace("math.inf", "inf").replaceAll("\\bmath\\.", "torch.");
        return new ScriptSource(name, annotateSelf(name, text).replace("torch.ops.", "ops."), List.copyOf(imports));
    }

    private static String annotateSelf(String name, String text) {
        StringBuilder annotated = new StringBuilder();
        Matcher matcher = CLASS_OR_SELF.matcher(text);
        String type = "";
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                type = matcher.group(1);
                matcher.appendReplacement(annotated, "$0");
            } else {
                matcher.appendReplacement(annotated, "(self: __torch__.dromaius." + name + "." + type);
            }
        }
        return matcher.appendTail(annotated).toString();
    }
}
