package io.dormouse.example.chat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** The other side: gives tokens, each for one sign-in, and passes on what is said. */
final class ChatServer implements AutoCloseable {
  private static final int UNAUTHORIZED = 3000; // a WebSocket close code of the IANA registry

  private final MockWebServer server = new MockWebServer();
  private final List<String> said = new ArrayList<>(); // guarded by this, as all below
  private final Set<String> tokens = new HashSet<>();
  private final Set<WebSocket> members = new HashSet<>();
  private int tokensGiven;
  private boolean blocked;

  ChatServer() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            MockResponse.Builder response = new MockResponse.Builder();
            return request.getUrl().encodedPath().equals("/token")
                ? token(response).build()
                : response.webSocketUpgrade(new Member()).build();
          }
        });
    server.start();
  }

  HttpUrl tokenUrl() {
    return server.url("/token");
  }

  String chatUrl() {
    return server.url("/chat").toString().replaceFirst("http", "ws");
  }

  private synchronized MockResponse.Builder token(MockResponse.Builder response) {
    if (blocked) {
      return response.code(401);
    }
    String token = "token-" + ++tokensGiven;
    tokens.add(token);
    return response.body(token);
  }

  synchronized int tokensGiven() {
    return tokensGiven;
  }

  /** Gives no more tokens. */
  synchronized void block() {
    blocked = true;
  }

  /** Tells everybody what somebody has said. */
  synchronized void say(String who, String text) {
    said.add(who + " " + text);
    members.forEach(member -> member.send(line(said.size())));
  }

  private String line(int id) {
    return "message " + id + " " + said.get(id - 1);
  }

  private synchronized void signIn(WebSocket member, String token, int lastHeard) {
    if (!tokens.remove(token)) {
      member.close(UNAUTHORIZED, "not signed in");
      return;
    }
    member.send("welcome");
    for (int id = lastHeard + 1; id <= said.size(); id++) {
      member.send(line(id));
    }
    members.add(member);
  }

  private synchronized void leave(WebSocket member) {
    members.remove(member);
  }

  @Override
  public void close() {
    server.close();
  }

  private final class Member extends WebSocketListener {
    @Override
    public void onMessage(WebSocket socket, String text) {
      String[] words = text.split(" ", 2);
      if (words[0].equals("sign-in")) {
        String[] tokenAndLast = words[1].split(" ");
        signIn(socket, tokenAndLast[0], Integer.parseInt(tokenAndLast[1]));
      } else {
        say("alice", words[1]);
      }
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      leave(socket);
      socket.close(code, null);
    }
  }
}
