package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import okhttp3.Call;
import org.junit.jupiter.api.Test;

/** Calls within calls, on virtual time. */
class HttpWireNestedTest extends HttpWireFrame {
  @Test
  void aCallThatOneInFlightNeedsMayBeginDuringTheDrain() {
    onLoop(wire::connect);
    Call outer = send();
    GatedCall outerWatch = gate.of(outer);
    suspend();
    CurrentCall.runs(outerWatch);
    Call inner = begin();
    CurrentCall.runs(null);
    GatedCall innerWatch = gate.of(inner);
    events(inner).dnsStart(inner, "localhost");
    events(inner).connectStart(inner, SERVER, java.net.Proxy.NO_PROXY);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(gate.wasTakenBack(innerWatch)).isFalse();
    events(inner).requestHeadersStart(inner);

    assertThat(gate.enter(gate.create(newCall()))).as("a call of its own").isFalse();
    gate.leave(inner);
    gate.leave(outer);
    loop.run();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aCallWithinOneThatHasNotBeenSentMayNotBegin() {
    onLoop(wire::connect);
    CurrentCall.runs(gate.of(begin()));
    suspend();
    GatedCall inner = gate.of(begin());
    CurrentCall.runs(null);
    assertThat(gate.enter(inner)).isFalse();
  }

  @Test
  void aCallWithinOneThatWasCutOffFails() {
    onLoop(wire::connect);
    GatedCall outer = gate.of(send());
    suspend();
    onLoop(wire::abort);
    CurrentCall.runs(outer);
    GatedCall inner = gate.of(begin());
    CurrentCall.runs(null);
    assertThat(gate.enter(inner)).isFalse();
    assertThat(gate.isWithinOneCutOff(inner)).isTrue();
    assertThat(gate.isWithinOneCutOff(outer)).isFalse();
  }

  @Test
  void theEndOfACallWithinOneCountsAsItsOwnMove() {
    onLoop(wire::connect);
    GatedCall outer = gate.of(send());
    outer.idles(); // to an interceptor, which has not closed the response
    CurrentCall.runs(outer);
    Call inner = send();
    CurrentCall.runs(null);
    suspend();
    loop.advance(FORGOTTEN.multipliedBy(5));
    gate.leave(inner);
    loop.run();
    assertThat(flushed).as("the interceptor goes on now").hasValue(0);
    loop.advance(FORGOTTEN.multipliedBy(2));
    assertThat(flushed).hasValue(1);
  }
}
