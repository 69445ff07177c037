package io.dromaius.client;

class NettyClientAnswersTest extends EmuClientAnswersContract {
    NettyClientAnswersTest() {
        super(Wire.NETTY);
    }
}
