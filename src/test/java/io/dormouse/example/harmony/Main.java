package io.dormouse.example.harmony;

import io.dormouse.example.Stage;
import io.dormouse.example.platforms.NetworkAbility;
import io.dormouse.http.SuspendedException;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;

/** Plays the three samples of HarmonyOS's guideline: HTTP; TCP and UDP; a WebSocket. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** The hooks of a UIAbility, as the system calls them. */
  public static void play(Stage stage) throws Exception {
    try (HttpEchoServer http = new HttpEchoServer();
        TcpEchoServer tcp = new TcpEchoServer();
        UdpEchoServer udp = new UdpEchoServer();
        WebSocketEchoServer webSocket = new WebSocketEchoServer()) {
      http.start();
      tcp.start();
      udp.start();
      webSocket.start();
      try (NetworkAbility ability =
          new NetworkAbility(
              "http://127.0.0.1:" + http.port() + "/",
              "127.0.0.1",
              tcp.port(),
              udp.port(),
              "ws://127.0.0.1:" + webSocket.port() + "/")) {
        for (int visits = 1; visits <= 2; visits++) {
          stage.say("-- foreground");
          ability.onForeground();
          ability.awaitOpen();
          int status = ability.request();
          stage.say("http: " + status);
          stage.expect(status == 200, "the server answers");
          long bytes = 14L * visits; // "Hello, server!"
          stage.awaitUntil(
              "each server has the first message",
              () ->
                  tcp.bytesReceived() == bytes
                      && udp.bytesReceived() == bytes
                      && webSocket.bytesReceived() == bytes);

          stage.say("-- background");
          ability.onBackground();
          try {
            stage.expect(ability.request() == 0, "no request is made in the background");
          } catch (SuspendedException e) {
            stage.say("http: " + e.getMessage());
          }
        }
        stage.expect(tcp.accepted() == 2, "TCP was connected twice");
        stage.expect(webSocket.accepted() == 2, "the WebSocket was connected twice");
      }
    }
  }
}
