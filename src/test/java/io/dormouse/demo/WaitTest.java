package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WaitTest {
  @Test
  void nothingIsToldAfterTheEnd() {
    AtomicInteger told = new AtomicInteger();
    Wait wait = new Wait(() -> "chat is CONNECTING", Duration.ofSeconds(8));
    wait.tell(told::incrementAndGet);
    wait.close();
    wait.tell(told::incrementAndGet);

    assertThat(told).hasValue(1);
    assertThat(wait.isLong()).isFalse();
  }

  @Test
  void itSaysForHowLongAtMost() {
    assertThat(new Wait(() -> "chat is CONNECTING", Duration.ofHours(1)).text())
        .matches("waiting, 3(600|59\\d) s more at most: chat is CONNECTING");
    assertThat(new Wait(() -> "chat", Duration.ZERO).text()).startsWith("waiting, 0 s more");
  }
}
