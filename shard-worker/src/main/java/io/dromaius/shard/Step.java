package io.dromaius.shard;

import io.dromaius.model.llama.StageStep;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import java.util.List;

/**
 * One step as a stage runs it, checked against the stage and the steps before.
 *
 * @param work copies and rows
 * @param rows rows in all; may be 0
 * @param inputs on the first stage what is fed, as long as the rows in all; else empty
 * @param vectors on the first stage how many of the rows are fed from the payload
 * @param heads on the last stage what is read from which row; else empty
 */
public record Step(StageStep work, int rows, List<InputRun> inputs, int vectors, List<HeadRow> heads) {}
