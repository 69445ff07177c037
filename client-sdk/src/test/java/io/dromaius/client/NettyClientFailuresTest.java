package io.dromaius.client;

class NettyClientFailuresTest extends EmuClientFailuresContract {
    NettyClientFailuresTest() {
        super(Wire.NETTY);
    }
}
