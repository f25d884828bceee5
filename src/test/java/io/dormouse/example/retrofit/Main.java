package io.dormouse.example.retrofit;

import io.dormouse.ConnectionRegistry;
import io.dormouse.example.Stage;
import io.dormouse.example.retrofit.NotesApi.Note;
import io.dormouse.http.CutOffException;
import io.dormouse.http.SuspendedException;
import io.dormouse.http.WhileSuspended;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Plays an app that calls its server by Retrofit. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** What becomes of calls before, during and after the background. */
  public static void play(Stage stage) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (NotesServer server = new NotesServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      NotesApi notes =
          new NotesConnection(registry, "notes", server.url(), WhileSuspended.failFast()).api();
      WhileSuspended patient = WhileSuspended.waitUpTo(Duration.ofSeconds(20));
      NotesApi patientNotes = new NotesConnection(registry, "patient", server.url(), patient).api();

      stage.foreground(lifecycle);
      stage.say("added: " + stage.await("it is added", notes.add(new Note(0, "buy nuts"))));

      CompletableFuture<Note> next = notes.next();
      CompletableFuture<Note> inFlight = notes.add(new Note(0, "find a hole"));
      stage.awaitUntil("both are there", () -> server.waiting() == 1 && server.size() == 2);
      stage.say("in flight: a wait for the next note, and the addition of one, which takes 200 ms");
      stage.background(lifecycle, registry);
      stage.say("the suspend has waited for " + inFlight.get());
      Throwable cutOff = failure(next);
      stage.expect(cutOff instanceof CutOffException, "the wait for the next note is cut off");
      stage.say("and not for the other: " + cutOff.getMessage());

      Throwable refused = failure(notes.all());
      stage.expect(refused instanceof SuspendedException, "calls fail in the background");
      stage.say("a call in the background: " + refused.getMessage());
      CompletableFuture<List<Note>> waiting = patientNotes.all();
      stage.say("one that may wait: waits");

      stage.foreground(lifecycle);
      List<Note> all = stage.await("the call that waited is done", waiting);
      stage.say("and is done: " + all);
      stage.expect(all.size() == 2, "both notes are there, each once");
      CompletableFuture<Note> nextAgain = notes.next();
      stage.awaitUntil("it waits at the server", () -> server.waiting() == 2);
      server.addForOther("count the nuts");
      stage.say("the next note: " + stage.await("it comes", nextAgain));
      stage.background(lifecycle, registry);
    }
  }

  private static Throwable failure(CompletableFuture<?> call) throws Exception {
    return call.handle((done, failure) -> failure).get();
  }
}
