package io.dormouse.example.retrofit;

import com.google.gson.Gson;
import io.dormouse.example.retrofit.NotesApi.Note;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;

/** The other side: takes its time to add a note. */
final class NotesServer implements AutoCloseable {
  private static final Gson JSON = new Gson();

  private final MockWebServer server = new MockWebServer();
  private final List<Note> notes = new ArrayList<>(); // guarded by this, as all below
  private int waiting;
  private int fromOthers;
  private boolean closed;

  NotesServer() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
            String call = request.getMethod() + " " + request.getUrl().encodedPath();
            return switch (call) {
              case "GET /notes" -> json(all());
              case "POST /notes" -> add(request.getBody().utf8());
              case "GET /notes/next" -> json(next());
              default -> new MockResponse.Builder().code(404).build();
            };
          }
        });
    server.start();
  }

  HttpUrl url() {
    return server.url("/");
  }

  private synchronized List<Note> all() {
    return List.copyOf(notes);
  }

  private MockResponse add(String body) throws InterruptedException {
    Note note = keep(JSON.fromJson(body, Note.class).text());
    Thread.sleep(200);
    return json(note);
  }

  private synchronized Note keep(String text) {
    Note note = new Note(notes.size() + 1, text);
    notes.add(note);
    return note;
  }

  private synchronized Note next() throws InterruptedException {
    waiting++;
    for (int before = fromOthers; fromOthers == before && !closed; ) {
      wait();
    }
    waiting--;
    return notes.get(notes.size() - 1);
  }

  /** Adds a note for somebody else. */
  synchronized void addForOther(String text) {
    keep(text);
    fromOthers++;
    notifyAll();
  }

  /** Returns how many notes there are. */
  synchronized int size() {
    return notes.size();
  }

  /** Returns how many calls wait for the next note. */
  synchronized int waiting() {
    return waiting;
  }

  private static MockResponse json(Object body) {
    return new MockResponse.Builder()
        .addHeader("Content-Type", "application/json")
        .body(JSON.toJson(body))
        .build();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    server.close();
  }
}
