package io.dromaius.client;

class NettyClientStreamsTest extends EmuClientStreamsContract {
    NettyClientStreamsTest() {
        super(Wire.NETTY);
    }
}
