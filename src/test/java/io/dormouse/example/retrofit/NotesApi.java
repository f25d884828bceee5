package io.dormouse.example.retrofit;

import io.dormouse.http.InFlight;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import retrofit2.http.Body;
import retrofit2.http.GET;
import retrofit2.http.POST;
import retrofit2.http.Tag;

/** A server that keeps notes. Retrofit makes an object of it that calls the server. */
public interface NotesApi {
  /**
   * A note.
   *
   * @param id the server's; 0 before it has one
   */
  record Note(long id, String text) {}

  /** Fetches all notes. */
  @GET("notes")
  CompletableFuture<List<Note>> all();

  /** Adds a note. */
  @POST("notes")
  CompletableFuture<Note> add(@Body Note note);

  /** Waits until somebody else has added a note. Nothing is lost when that is cut off. */
  default CompletableFuture<Note> next() {
    return next(InFlight.CANCEL);
  }

  /** The same; the tag says what becomes of it when the app goes to the background. */
  @GET("notes/next")
  CompletableFuture<Note> next(@Tag InFlight inFlight);
}
