package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.RawServer;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The app's suppliers of the address and of headers are asked before each attempt. */
class RequestSourceTest {
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

  @Test
  void aFreshTokenIsAskedForWithEachAttempt() {
    AtomicInteger tokens = new AtomicInteger();
    AtomicInteger paths = new AtomicInteger();
    chat()
        .connectTo(() -> URI.create(App.url(server.port()) + paths.incrementAndGet()))
        .header("X-Fixed", "always")
        .headers(() -> Map.of("Authorization", "Bearer " + tokens.incrementAndGet()))
        .register();

    for (int attempt = 1; attempt <= 3; attempt++) {
      HandPeer peer = HandPeer.next(server);
      assertThat(peer.requestLine()).isEqualTo("GET /" + attempt + " HTTP/1.1");
      assertThat(peer.header("Authorization")).isEqualTo("Bearer " + attempt);
      assertThat(peer.header("X-Fixed")).isEqualTo("always");
      peer.answer("HTTP/1.1 500 Oh").close();
    }
  }

  /** Names of headers know no case (RFC 9110, section 5.1). */
  @Test
  void aFreshHeaderReplacesTheFixedOneWhateverItsCase() {
    Map<String, String> fresh = new HashMap<>();
    WebSocketBuilder chat = chat();
    for (int i = 0; i < 20; i++) {
      chat.header("X-HEADER-" + i, "old").header("X-Header-" + i, "fixed " + i);
      fresh.put("x-header-" + i, "fresh " + i);
    }
    fresh.remove("x-header-0");
    chat.headers(() -> fresh).register();

    HandPeer peer = HandPeer.next(server);

    assertThat(peer.header("X-Header-0")).isEqualTo("fixed 0");
    for (int i = 1; i < 20; i++) {
      assertThat(peer.header("X-Header-" + i)).isEqualTo("fresh " + i);
    }
  }

  @Test
  void aUrlBesideFreshHeadersIsKnownAndOneOfASupplierIsNot() {
    URI url = URI.create(App.url(server.port()));

    WebSocketConnection known = chat().headers(Map::of).register();
    WebSocketConnection asked = app.registry.webSocket("asked").connectTo(() -> url).register();

    assertThat(known.url()).contains(url);
    assertThat(asked.url()).isEmpty();
  }

  @Test
  void aSupplierThatThrowsIsAFailedAttemptAndAskedAgain() {
    AtomicInteger asked = new AtomicInteger();
    IllegalStateException noToken = new IllegalStateException("no token yet");
    chat()
        .headers(
            () -> {
              if (asked.incrementAndGet() < 3) {
                throw noToken;
              }
              return Map.of();
            })
        .register();

    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.SUPPLIER_FAILED);
    assertThat(reason.cause()).contains(noToken);
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    assertThat(asked).hasValue(3);
  }

  /** As what reads a file or asks a server does. */
  @Test
  void aSupplierMayThrowCheckedExceptions() {
    java.io.IOException noFile = new java.io.IOException("no token file");
    chat()
        .connectTo(
            () -> {
              throw noFile;
            })
        .register();

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.SUPPLIER_FAILED);
    assertThat(app.firstEnd().cause()).contains(noFile);
  }

  @Test
  void aSupplierThatThrowsAnErrorIsAFailedAttemptToo() {
    AtomicInteger asked = new AtomicInteger();
    chat()
        .handshakeTimeout(App.LONG)
        .headers(
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("com/example/Tokens");
              }
              return Map.of();
            })
        .register();

    HandPeer.accept(server);

    app.await(ConnectionState.OPEN);
    assertThat(app.firstEnd().kind()).isEqualTo(Kind.SUPPLIER_FAILED);
  }

  @Test
  void aSupplierThatGivesNothingUsableIsAFailedAttempt() {
    List<URI> urls =
        List.of(
            URI.create("http://127.0.0.1/"),
            URI.create("wss:///path"),
            URI.create("ws:///path"),
            URI.create("/path"));
    AtomicInteger asked = new AtomicInteger();
    URI good = URI.create(App.url(server.port()));
    chat()
        .connectTo(
            () -> {
              int number = asked.getAndIncrement();
              return number == 0 ? null : number <= urls.size() ? urls.get(number - 1) : good;
            })
        .headers(() -> asked.get() < 7 ? null : Map.of("Good", "value"))
        .register();

    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    assertThat(app.steps.changes())
        .filteredOn(change -> change.to() == ConnectionState.WAITING)
        .hasSize(6)
        .allMatch(change -> change.reason().get().kind() == Kind.SUPPLIER_FAILED);
  }

  /** It did not throw: what it gave is at fault, and the reason says in which way. */
  @Test
  void whatTheSupplierGaveIsToldApartFromASupplierThatThrew() {
    AtomicInteger asked = new AtomicInteger();
    chat()
        .connectTo(
            () ->
                switch (asked.incrementAndGet()) {
                  case 1 -> throw new IllegalArgumentException("s3cr3t");
                  case 2 -> URI.create("http://h.example/?token=s3cr3t");
                  case 3 -> null;
                  default -> URI.create("ws://h.example/#s3cr3t");
                })
        .register();

    app.steps.await(ConnectionState.WAITING, 4);

    List<String> details =
        app.steps.changes().stream()
            .filter(change -> change.to() == ConnectionState.WAITING)
            .map(change -> change.reason().orElseThrow().detail())
            .toList();
    assertThat(details.get(0)).isEqualTo("the supplier of the address threw");
    assertThat(details.get(1))
        .isEqualTo(
            "what the supplier gave can't be used: a WebSocket URL begins with ws://, not with http://");
    assertThat(details.get(2)).isEqualTo("what the supplier gave can't be used: no URL");
    assertThat(details.get(3)).contains("can't be used: the URL has a fragment");
    assertThat(String.join(" ", details)).doesNotContain("s3cr3t");
  }

  @Test
  void aHeaderFromTheSupplierIsCheckedToo() {
    chat().headers(() -> Map.of("X", "line\r\nX-Injected: yes")).register();

    CloseReason reason = app.firstEnd();

    assertThat(reason.kind()).isEqualTo(Kind.SUPPLIER_FAILED);
    assertThat(server.accepted()).isZero();
  }
}
