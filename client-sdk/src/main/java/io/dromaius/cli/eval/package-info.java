/** Exams of what a model knows: questions laid out by a grader, answered by a cluster, marked by the grader. */
@NullMarked
package io.dromaius.cli.eval;

import org.jspecify.annotations.NullMarked;
