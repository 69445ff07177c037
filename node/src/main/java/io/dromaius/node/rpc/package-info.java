/** gRPC as this cluster uses it: servers, channels, and one table of failures. */
@NullMarked
package io.dromaius.node.rpc;

import org.jspecify.annotations.NullMarked;
