package io.pix2pix.api;

import io.pix2pix.event.Schema.Violation;
import java.util.List;

/** Ends a request with a problem. */
final class ProblemException extends RuntimeException {
    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }

    static ProblemException notFound(String code, String detail) {
        return new ProblemException(Problem.of(404, code, "Not found", detail));
    }

    static ProblemException noSuchJob(String jobId) {
        return notFound("NO_SUCH_JOB", "No job " + jobId);
    }

    static ProblemException badRequest(String detail) {
        return new ProblemException(Problem.of(400, "BAD_REQUEST", "Bad request", detail));
    }

    static ProblemException invalid(String detail, List<Violation> errors) {
        return new ProblemException(Problem.of(422, "INVALID_JOB", "Not a job", detail, errors));
    }

    static ProblemException conflict(String code, String detail) {
        return new ProblemException(Problem.of(409, code, "Conflict", detail));
    }

    static ProblemException unauthenticated(String detail) {
        return new ProblemException(Problem.of(401, "UNAUTHENTICATED", "Unauthenticated", detail));
    }

    static ProblemException forbidden(String code, String detail) {
        return new ProblemException(Problem.of(403, code, "Forbidden", detail));
    }

    static ProblemException tooLarge(String detail) {
        return new ProblemException(Problem.of(413, "TOO_LARGE", "Too large", detail));
    }

    static ProblemException notAnImage(String detail) {
        return new ProblemException(Problem.of(415, "NOT_AN_IMAGE", "Not an image", detail));
    }

    /** To be asked again soon. */
    static ProblemException unavailable(String code, String detail) {
        return new ProblemException(Problem.of(503, code, "Not available now", detail));
    }
}
