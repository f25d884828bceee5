package io.dormouse.example;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.http.InFlight;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;

/** What the recipes show. */
final class Recipes {
  private Recipes() {}

  static void banner(WebSocketConnection chat) {
    // begin: banner
    chat.addListener(
        (connection, change) ->
            showBanner(
                switch (change.to()) {
                  case OPEN -> "";
                  case WAITING -> "No connection, trying again";
                  case FAILED -> "No connection: " + change.reason().orElseThrow().kind();
                  default -> "…";
                }));
    // end: banner
  }

  static void signIn(WebSocketConnection chat) {
    // begin: signIn
    chat.addListener(
        (connection, change) -> {
          boolean refused =
              change
                  .reason()
                  .filter(reason -> reason.kind() == CloseReason.Kind.HANDSHAKE_REJECTED)
                  .filter(reason -> reason.code().orElse(0) == 401)
                  .isPresent();
          if (refused && change.to() == ConnectionState.FAILED) {
            signInAgain().thenRun(connection::retryNow);
          }
        });
    // end: signIn
  }

  static WebSocketConnection policy(ConnectionRegistry registry) {
    // begin: policy
    RetryPolicy standard = RetryPolicy.standard();

    WebSocketConnection game =
        registry
            .webSocket("game")
            .connectTo("wss://game.example.com/v1")
            .retryPolicy(
                ended ->
                    ended.reason().code().orElse(0) == 4001 // this server's "the game is over"
                        ? RetryPolicy.Decision.giveUp()
                        : standard.decide(ended))
            .register();
    // end: policy
    return game;
  }

  static void networkIsBack(ConnectionRegistry registry) {
    // begin: networkIsBack
    for (Connection connection : registry.connections()) {
      connection.retryNow(); // does nothing to those that don't wait
    }
    // end: networkIsBack
  }

  static void newSocket(ConnectionRegistry registry, Connection chat) {
    // begin: newSocket
    chat.pause();
    registry.settled().thenRun(chat::resume); // when the old socket is gone
    // end: newSocket
  }

  static void tags() {
    // begin: tags
    Request longPoll =
        new Request.Builder()
            .url("https://api.example.com/news?wait=60")
            .tag(InFlight.class, InFlight.CANCEL) // nothing is lost if it is cut off
            .build();
    Request answerOfAModel =
        new Request.Builder()
            .url("https://api.example.com/answers")
            .tag(InFlight.class, InFlight.DRAIN) // an event stream that has an end
            .build();
    // end: tags
    System.out.println(longPoll.url() + " " + answerOfAModel.url());
  }

  static WebSocketConnection fromHooks(ConnectionRegistry registry) {
    // begin: fromHooks
    WebSocketConnection chat =
        registry
            .webSocket("chat")
            .connectTo("wss://chat.example.com/v1")
            .onText((ws, text) -> show(text))
            .register();
    // end: fromHooks
    return chat;
  }

  static TcpConnection heartbeat(ConnectionRegistry registry, ScheduledExecutorService timer) {
    // begin: heartbeat
    TcpConnection device =
        registry
            .tcp("device")
            .connectTo("device.example.com", 7_000)
            .idleTimeout(Duration.ofSeconds(75)) // the device answers each of them
            .register();
    timer.scheduleWithFixedDelay(
        () -> {
          if (device.state() == ConnectionState.OPEN) {
            device.send("ping\n");
          }
        },
        30,
        30,
        TimeUnit.SECONDS);
    // end: heartbeat
    return device;
  }

  static WebSocketConnection fromScarlet(ConnectionRegistry registry) {
    // begin: fromScarlet
    WebSocketConnection prices =
        registry
            .webSocket("prices")
            .connectTo("wss://prices.example.com/v1")
            .prepare(Duration.ofSeconds(5), ws -> ws.sendText("EUR-USD")) // on each new socket
            .onText((ws, text) -> show(text))
            .register();
    // end: fromScarlet
    return prices;
  }

  private static CompletableFuture<Void> signInAgain() {
    return CompletableFuture.completedFuture(null);
  }

  private static void showBanner(String text) {
    System.out.println(text);
  }

  private static void show(String text) {
    System.out.println(text);
  }
}
