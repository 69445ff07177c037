/** What the processes of a cluster know of each other, kept in ZooKeeper by Curator's recipes. */
@NullMarked
package io.dromaius.node.membership;

import org.jspecify.annotations.NullMarked;
