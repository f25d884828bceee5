package io.dormouse.example.chat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.example.Stage;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Plays a chat with sign-in. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** Alice's phone, in her hand, in her pocket, and in her hand again. */
  public static void play(Stage stage) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (ChatServer server = new ChatServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      ChatConnection chat = new ChatConnection(registry, server.tokenUrl(), server.chatUrl());

      stage.foreground(lifecycle);
      stage.await("alice is signed in", chat.whenSignedIn());
      stage.say("signed in with token " + server.tokensGiven());
      stage.await("it is sent", chat.say("hello"));
      awaitMessages(stage, chat, 1);
      server.say("bob", "hello, alice");
      awaitMessages(stage, chat, 2);
      chat.markRead();

      stage.background(lifecycle, registry);
      server.say("bob", "are you there?");
      server.say("bob", "call me");
      String refusal = chat.say("yes").handle((sent, failure) -> failure).get().getMessage();
      stage.say("refused: " + refusal);
      CompletableFuture<Void> waiting = chat.sayWhenBack("I was on a train");
      stage.say("in the outbox: I was on a train");
      stage.expect(!waiting.isDone(), "it waits");

      stage.foreground(lifecycle);
      stage.await("it is sent", waiting);
      stage.say("signed in with token " + server.tokensGiven());
      awaitMessages(stage, chat, 5);
      List<String> unread = chat.unread().stream().map(Main::text).toList();
      stage.say("unread: " + unread);
      stage.expect(
          unread.equals(List.of("bob: are you there?", "bob: call me", "alice: I was on a train")),
          "nothing is missing, in order");

      stage.background(lifecycle, registry);
      server.block();
      stage.foreground(lifecycle);
      stage.awaitUntil("the server gives no token", chat::isSignedOut);
      stage.say("signed out by the server: not tried again, the user has to sign in");
      stage.background(lifecycle, registry);
    }
  }

  private static void awaitMessages(Stage stage, ChatConnection chat, int count)
      throws InterruptedException {
    stage.awaitUntil(count + " messages are here", () -> chat.messages().size() == count);
    stage.say("all messages: " + chat.messages().stream().map(Main::text).toList());
  }

  private static String text(ChatConnection.Message message) {
    return message.from() + ": " + message.text();
  }
}
