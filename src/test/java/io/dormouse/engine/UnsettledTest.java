package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.Durations;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a suspend waits for, as the log says it when somebody has waited without result. */
class UnsettledTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private List<String> unsettled() {
    return rig.value(rig.engine.findUnsettled());
  }

  @Test
  void nothingIsWaitedForInTheForegroundNorWhenAllIsQuiet() {
    rig.register("a");
    rig.front();
    assertThat(unsettled()).isEmpty();
    rig.back();
    assertThat(unsettled()).isEmpty();
  }

  @Test
  void aBackgroundThatIsHeldBackIsSaid() {
    rig.register("a");
    rig.front();
    rig.settling();
    assertThat(unsettled())
        .containsExactly("the lifecycle has not said yet that the app is in the background");
    rig.front();
    assertThat(unsettled()).isEmpty();
  }

  @Test
  void eachConnectionSaysWhatItWaitsFor() {
    FakeConnection slow = rig.register(rig.prepared("slow").answer(Step.SEND, Answer.LATER));
    slow.answer(Step.FLUSH, Answer.LATER);
    rig.register(rig.prepared("mute").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.register("quick");
    rig.front();
    var unused = slow.send("12345");
    rig.back();
    assertThat(unsettled())
        .containsExactly(
            "slow (DRAINING) finishes what was accepted, bytes queued: "
                + slow.queuedBytes()
                + ", for "
                + Durations.text(Rig.HARD_CLOSE)
                + " more at most",
            "mute (DRAINING) waits for its peer to answer the close, for "
                + Durations.text(Rig.CLOSE_TIMEOUT)
                + " more at most");
    assertThat(slow.queuedBytes()).isPositive();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(unsettled()).isEmpty();
  }

  @Test
  void ofManyTheFirstAreNamedAndTheOthersCounted() {
    for (int i = 0; i < 50; i++) {
      rig.register(rig.prepared("mute-" + i).answer(Step.SOFT_CLOSE, Answer.LATER));
    }
    rig.front();
    rig.back();
    assertThat(unsettled())
        .hasSize(21)
        .contains("and 30 more")
        .anyMatch(reason -> reason.startsWith("mute-19 (DRAINING) waits for its peer"))
        .noneMatch(reason -> reason.startsWith("mute-20 "));
    rig.advance(Rig.HARD_CLOSE);
  }

  @Test
  void oneThatStillClosesWhatItHeldSaysSo() {
    FakeConnection pool = rig.register("pool");
    pool.answer(Step.SOFT_CLOSE, Answer.LATER).releasesLater = true;
    rig.front();
    rig.back();
    rig.advance(Rig.CLOSE_TIMEOUT); // cut off, and not gone yet
    assertThat(unsettled())
        .containsExactly("pool (SUSPENDED) still closes what its last generation held");
    rig.onLoop(pool.wire()::released);
    assertThat(unsettled()).isEmpty();
  }
}
