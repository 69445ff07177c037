package io.dromaius.client;

import io.grpc.ManagedChannel;

/** A coordinator's address and the channel to it. */
record Endpoint(String address, ManagedChannel channel) {}
