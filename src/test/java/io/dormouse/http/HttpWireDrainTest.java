package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import okhttp3.Call;
import org.junit.jupiter.api.Test;

/** What a drain waits for, on virtual time. */
class HttpWireDrainTest extends HttpWireFrame {
  @Test
  void aDrainWithNothingInFlightIsFlushedAtOnce() {
    onLoop(wire::connect);
    gate.leave(send());
    suspend();
    assertThat(flushed).hasValue(1);
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).as("it is told once").hasValue(1);
  }

  @Test
  void theLastCallInFlightFlushesTheDrain() {
    onLoop(wire::connect);
    Call first = send();
    Call second = send();
    suspend();
    gate.leave(first);
    loop.run();
    assertThat(flushed).hasValue(0);
    gate.leave(second);
    loop.run();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aDrainThatWasCalledOffDoesNotFlushTheNextOne() {
    onLoop(wire::connect);
    Call first = send();
    suspend();
    gate.leave(first); // the loop hears of it only after the app has come and gone once more
    wanted.set(true);
    loop.execute(wire::unflush);
    loop.run();
    flushed.set(0);
    Call second = send();
    suspend();
    assertThat(flushed).hasValue(0);
    gate.leave(second);
    loop.run();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void noCallBeginsDuringADrain() {
    onLoop(wire::connect);
    send();
    suspend();
    GatedCall watch = gate.create(newCall());
    assertThat(gate.enter(watch)).isFalse();
    wanted.set(true);
    assertThat(gate.enter(watch)).as("the loop has not opened it yet").isFalse();
    onLoop(wire::unflush);
    assertThat(gate.enter(watch)).isTrue();
  }

  @Test
  void aServerMayTakeAsLongAsTheBudget() {
    onLoop(wire::connect);
    send();
    suspend();
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).hasValue(0);
  }

  @Test
  void aResponseThatNobodyReadsIsNotWaitedForLongerThanTheCloseTime() {
    onLoop(wire::connect);
    GatedCall watch = gate.of(send());
    watch.idles();
    suspend();
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).hasValue(0);
    watch.isBusy();
    watch.idles();
    loop.advance(FORGOTTEN.multipliedBy(3).dividedBy(4));
    assertThat(flushed).as("it was read from").hasValue(0);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aReaderThatWaitsForTheServerIsWaitedFor() {
    onLoop(wire::connect);
    GatedCall watch = gate.of(send());
    watch.idles();
    watch.isBusy();
    suspend();
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).hasValue(0);
    watch.idles();
    loop.advance(FORGOTTEN.multipliedBy(2));
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aCallThatGoesOnAfterItsResponseWasClosedIsWaitedFor() {
    onLoop(wire::connect);
    GatedCall watch = gate.of(send());
    watch.idles(); // to an interceptor of the app
    watch.isBusy(); // which asks for a token now, and then proceeds again
    suspend();
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).hasValue(0);
  }

  @Test
  void aCallThatWasLetInButDoesNotGetGoingIsNotWaitedForLongerThanTheCloseTime() {
    onLoop(wire::connect);
    Call blocked = begin();
    Call sent = send();
    suspend();
    loop.advance(FORGOTTEN.multipliedBy(3));
    assertThat(flushed).as("the other one is in flight").hasValue(0);
    gate.leave(sent);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).as("its turn may have come just now").hasValue(0);
    loop.advance(FORGOTTEN);
    assertThat(flushed).hasValue(1);
    assertThat(gate.of(blocked).stage).isEqualTo(GatedCall.Stage.ADMITTED);
  }

  @Test
  void refusalsDoNotKeepADrainGoing() {
    onLoop(wire::connect);
    Call blocked = begin();
    suspend();
    for (int i = 0; i < 8; i++) {
      assertThat(gate.enter(gate.create(newCall()))).isFalse();
      loop.advance(FORGOTTEN.dividedBy(4));
    }
    assertThat(flushed).hasValue(1);
    assertThat(blocked.isCanceled()).isFalse();
  }

  @Test
  void aLeakedResponseThatWasCollectedDoesNotHoldUpTheDrain() {
    onLoop(wire::connect);
    Call call = send();
    suspend();
    assertThat(flushed).hasValue(0);
    java.lang.ref.WeakReference<Call> gone = new java.lang.ref.WeakReference<>(call);
    call = null;
    io.dormouse.support.Await.until(
        "collected",
        () -> {
          System.gc();
          return gone.get() == null;
        });
    io.dormouse.support.Await.until(
        "flushed",
        () -> {
          loop.advance(FORGOTTEN.dividedBy(4));
          return flushed.get() == 1;
        });
  }

  @Test
  void aStreamHasNoEndUnlessItsTagSaysSo() {
    onLoop(wire::connect);
    Call stream = send();
    events(stream).responseHeadersEnd(stream, response(stream, 200, "Text/Event-Stream"));
    Call upgraded = send();
    events(upgraded).responseHeadersEnd(upgraded, response(upgraded, 101, ""));
    suspend();
    assertThat(flushed).hasValue(1);
  }
}
