package io.dromaius.model.spec;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Pattern;

/** Why a file could not be read or written, in a few words on one line: many exceptions' messages are only the file's name. */
public final class IoReason {
    /** What the parser says of where it reads from, which it does not know. */
    private static final Pattern PARSER_SOURCE = Pattern.compile("\\s*\\([^(]*\\[Source.*", Pattern.DOTALL);

    private IoReason() {}

    public static String of(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileSystemException system && system.getReason() != null) {
            return system.getReason();
        }
        if (failure instanceof JsonProcessingException json) {
            JsonLocation at = json.getLocation();
            String problem = PARSER_SOURCE.matcher(json.getOriginalMessage()).replaceFirst("");
            return at == null ? problem : problem + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        }
        return String.valueOf(failure.getMessage());
    }
}
