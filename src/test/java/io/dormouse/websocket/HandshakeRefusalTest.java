package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer that says no, and when the next attempt is made. */
class HandshakeRefusalTest {
  private final App app = new App();
  private final RawServer server = new RawServer();

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  private WebSocketBuilder chat() {
    return app.webSocket(server.port());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 301, 302, 308, 400, 401, 403, 404, 426})
  void aRefusalIsNoReasonToHammer(int status) {
    WebSocketConnection connection = chat().register();

    HandPeer peer = HandPeer.next(server).answer("HTTP/1.1 " + status + " No", "Content-Length: 0");

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);
    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(status);
    peer.awaitCut();
    Await.until("no socket", () -> OsSockets.connectedTo(server.port()) == 0);
    assertThat(server.accepted()).isEqualTo(1);

    connection.retryNow();
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503})
  void whatTimeMayHealIsTriedAgain(int status) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 " + status + " Not now", "Location: http://x/");

    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(status);
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @ParameterizedTest
  @CsvSource({"3600, PT1H", "0, PT0S", "' 7 ', PT7S", "'Thu, 01 Jan 1970 00:00:00 GMT', PT0S"})
  void theServerMayAskForAPause(String retryAfter, Duration pause) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "retry-after:" + retryAfter);

    assertThat(app.firstEnd().retryAfter()).contains(pause);
  }

  /** Whatever a server says, an app that stays in front must not be shut out for days. */
  @Test
  void anHourIsTheMostThatIsWaited() {
    WebSocketConnection connection = chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: 31536000");

    assertThat(app.reasonOf(ConnectionState.WAITING).retryAfter()).contains(Duration.ofDays(365));
    assertThat(connection.state()).isEqualTo(ConnectionState.WAITING);
  }

  @Test
  void anHourIsWaitedForAnHour() {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: 3600");

    CloseReason reason = app.reasonOf(ConnectionState.WAITING);
    assertThat(reason.retryAfter()).contains(Duration.ofHours(1));
    assertThat(server.accepted()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "-5", "1.5", "99999999999", "Thu, 01 Foo 1970 00:00:00 GMT"})
  void whatCannotBeReadIsTakenForNotSaid(String retryAfter) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: " + retryAfter);

    assertThat(app.firstEnd().retryAfter()).isEmpty();
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
  void aPauseOfDecadesIsAPauseAndNoFault(String retryAfter) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: " + retryAfter);

    assertThat(app.firstEnd().retryAfter()).isPresent();
    assertThat(app.steps.states())
        .contains(ConnectionState.WAITING)
        .doesNotContain(ConnectionState.FAILED);
    app.lifecycle.onForeground(); // as ever, a foreground tries at once
  }
}
