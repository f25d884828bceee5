package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import java.io.IOException;
import java.net.Socket;
import okhttp3.Call;
import org.junit.jupiter.api.Test;

/** What a suspend takes back or cuts off, on virtual time. */
class HttpWireCutTest extends HttpWireFrame {
  @Test
  void aCallThatLooksForASocketIsTakenBackAtOnce() throws IOException {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    events(call).connectStart(call, SERVER, java.net.Proxy.NO_PROXY);
    try (Socket socket = new Socket()) {
      assertThat(connects(watch, socket)).isTrue();
      suspend();
      assertThat(flushed).hasValue(1);
      assertThat(socket.isClosed()).isTrue();
      assertThat(gate.wasTakenBack(watch)).isTrue();
      assertThatThrownBy(() -> events(call).connectEnd(call, SERVER, java.net.Proxy.NO_PROXY, null))
          .hasMessage("refused");
    }
  }

  @Test
  void aCallThatIsStillLookingUpItsServersNameIsTakenBackAtOnce() {
    onLoop(wire::connect);
    Call call = begin();
    events(call).dnsStart(call, "localhost");
    suspend();
    assertThat(flushed).hasValue(1);
    assertThatThrownBy(() -> events(call).connectStart(call, SERVER, java.net.Proxy.NO_PROXY))
        .hasMessage("refused");
  }

  @Test
  void aCallThatHasFoundASocketIsNotTakenBack() throws IOException {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    try (Socket socket = new Socket()) {
      events(call).connectStart(call, SERVER, java.net.Proxy.NO_PROXY);
      assertThat(connects(watch, socket)).isTrue();
      events(call).connectEnd(call, SERVER, java.net.Proxy.NO_PROXY, null);
      events(call).connectionAcquired(call, null);
      suspend();
      assertThat(flushed).hasValue(0);
      assertThat(socket.isClosed()).isFalse();
      events(call).requestHeadersStart(call);
    }
  }

  @Test
  void aSocketThatWasClosedInBetweenIsNotUsed() throws IOException {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    Socket socket = new Socket();
    assertThat(connects(watch, socket)).isTrue();
    socket.close();
    assertThatThrownBy(() -> events(call).connectEnd(call, SERVER, java.net.Proxy.NO_PROXY, null))
        .hasMessage("refused");
  }

  @Test
  void whatWasTakenBackIsNotSentEvenIfTheAppIsBack() {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    events(call).dnsStart(call, "localhost");
    suspend();
    wanted.set(true);
    onLoop(wire::connect); // of the next generation
    assertThatThrownBy(() -> events(call).requestHeadersStart(call))
        .isInstanceOf(NotSentException.class)
        .hasMessage("refused");
    assertThat(gate.enter(watch)).isTrue();
    events(call).requestHeadersStart(call);
  }

  @Test
  void whatWasSentIsCutOffAndWhatWasNotHasToAskAgain() {
    onLoop(wire::connect);
    GatedCall sent = gate.of(send());
    GatedCall queued = gate.of(begin());
    suspend();
    onLoop(() -> wire.closeGracefully(CloseReason.of(CloseReason.Kind.SUSPENDED), 0));
    IOException failure = new IOException("Socket closed");
    assertThat(gate.explain(sent, failure)).hasMessage("cut off").hasCause(failure);
    assertThat(gate.explain(queued, failure)).isSameAs(failure);
    assertThat(gate.wasTakenBack(sent)).isFalse();
    assertThat(gate.wasTakenBack(queued)).isTrue();
    wanted.set(true);
    onLoop(wire::connect);
    assertThat(gate.mayConnect(sent)).as("nothing is sent twice").isFalse();
    assertThat(gate.send(sent)).isFalse();
  }

  @Test
  void aCallThatTheLoopIsLateForIsRefusedASocket() {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    wanted.set(false); // the app's hook has returned, and the loop has not heard of it
    assertThatThrownBy(() -> events(call).dnsStart(call, "localhost")).hasMessage("refused");
    assertThat(gate.wasTakenBack(watch)).isTrue();
  }

  @Test
  void nothingIsTakenBackIfTheAppIsBackBeforeTheLoopReacts() {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    events(call).dnsStart(call, "localhost");
    onLoop(wire::flush); // the loop saw a background that is over
    assertThat(flushed).hasValue(0);
    assertThat(gate.wasTakenBack(watch)).isFalse();
    wanted.set(false); // and comes again
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(gate.wasTakenBack(watch)).isTrue();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void callsToBeCancelledAreNotWaitedForUnlessTheAppIsBack() {
    Gate cancels = newGate(InFlight.CANCEL);
    HttpWire cancelling = newWire(cancels);
    onLoop(cancelling::connect);
    Call call = newCall();
    assertThat(cancels.enter(cancels.of(call))).isTrue();
    assertThat(cancels.send(cancels.of(call))).isTrue();
    onLoop(cancelling::flush);
    assertThat(flushed).as("the app is back").hasValue(0);
    wanted.set(false);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).hasValue(1);
  }
}
