package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What there is no memory to hand over does not count as something that the app has not taken. */
class InboxTest {
  private static final int BOUND = 10_000;

  private final List<Runnable> handedOver = new ArrayList<>();
  private boolean full;
  private final Inbox inbox =
      new Inbox(
          callback -> {
            if (full) {
              throw new IllegalStateException("no memory");
            }
            handedOver.add(callback);
          },
          BOUND,
          () -> {});

  @Test
  void whatIsNotHandedOverStopsNoReading() {
    full = true;
    assertThatThrownBy(() -> inbox.deliver(null, BOUND, () -> {}, () -> {}))
        .isInstanceOf(IllegalStateException.class);
    full = false;
    assertThat(inbox.deliver(null, 1, () -> {}, () -> {})).isTrue();
    assertThat(inbox.deliver(null, BOUND, () -> {}, () -> {})).isFalse();
    assertThat(handedOver).hasSize(2);
  }

  @Test
  void whatIsNotHandedOverGivesBackWhatItWouldHaveUsed() {
    full = true;
    List<String> givenBack = new ArrayList<>();
    assertThatThrownBy(() -> inbox.deliver(null, 1, () -> {}, () -> givenBack.add("buffer")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(givenBack).containsExactly("buffer");
  }

  @Test
  void aChangeThatIsNotHandedOverStopsNoAttempts() {
    full = true;
    for (int i = 0; i < Inbox.MOST_CHANGES; i++) {
      assertThatThrownBy(() -> inbox.tell(null, () -> {}))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(inbox.isBehind()).isFalse();
    full = false;
    for (int i = 0; i < Inbox.MOST_CHANGES; i++) {
      inbox.tell(null, () -> {});
    }
    assertThat(inbox.isBehind()).isTrue();
  }
}
