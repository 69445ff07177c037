package io.dromaius.client;

class InProcessClientAnswersTest extends EmuClientAnswersContract {
    InProcessClientAnswersTest() {
        super(Wire.IN_PROCESS);
    }
}
