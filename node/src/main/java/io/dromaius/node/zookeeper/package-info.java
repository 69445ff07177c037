/** A ZooKeeper server for clusters on one machine. */
@NullMarked
package io.dromaius.node.zookeeper;

import org.jspecify.annotations.NullMarked;
