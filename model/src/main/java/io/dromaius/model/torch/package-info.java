/**
 * The door to libtorch: tensors, and modules written as TorchScript text. The PyTorch engine of DJL is used as a loader,
 * allocator and interpreter and is not visible outside this package.
 */
@NullMarked
package io.dromaius.model.torch;

import org.jspecify.annotations.NullMarked;
